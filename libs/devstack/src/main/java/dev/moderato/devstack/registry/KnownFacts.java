package dev.moderato.devstack.registry;

import io.confluent.kafka.schemaregistry.CompatibilityLevel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The facts in force. Not thread safe. */
final class KnownFacts {
    private final TreeMap<String, TreeMap<Integer, Fact.Version>> subjects = new TreeMap<>();
    private final Map<Fact.Kind, Map<Optional<String>, String>> settings = new HashMap<>();
    private int lastId;

    void apply(Fact fact) {
        if (fact instanceof Fact.Version version) {
            subjects.computeIfAbsent(version.subject(), subject -> new TreeMap<>())
                    .put(version.version(), version);
            lastId = Math.max(lastId, version.id());
        } else if (fact instanceof Fact.Setting setting) {
            Map<Optional<String>, String> bySubject = settings.computeIfAbsent(setting.kind(), kind -> new HashMap<>());
            Optional<String> subject = Optional.ofNullable(setting.subject());
            if (setting.setting() == null) {
                bySubject.remove(subject);
            } else {
                bySubject.put(subject, setting.setting());
            }
        }
    }

    Set<String> subjects() {
        return subjects.keySet();
    }

    /** Oldest first; empty for an unknown subject. */
    List<Fact.Version> versions(String subject, boolean deleted) {
        return subjects.getOrDefault(subject, new TreeMap<>()).values().stream()
                .filter(version -> deleted || !version.deleted())
                .toList();
    }

    List<Fact.Version> everything() {
        List<Fact.Version> versions = new ArrayList<>();
        subjects.values().forEach(subject -> versions.addAll(subject.values()));
        return versions;
    }

    int nextVersion(String subject) {
        TreeMap<Integer, Fact.Version> versions = subjects.get(subject);
        return versions == null ? 1 : versions.lastKey() + 1;
    }

    int nextId() {
        return lastId + 1;
    }

    /** What is set for the subject itself, or globally for null. */
    Optional<String> own(Fact.Kind kind, @Nullable String subject) {
        return Optional.ofNullable(settings.getOrDefault(kind, Map.of()).get(Optional.ofNullable(subject)));
    }

    /** The compatibility level in force for a subject, or for all others where null. */
    String level(@Nullable String subject) {
        return own(Fact.Kind.CONFIG, subject)
                .or(() -> own(Fact.Kind.CONFIG, null))
                .orElse(CompatibilityLevel.BACKWARD.name);
    }

    /** The mode in force for a subject, or for all others where null. */
    String mode(@Nullable String subject) {
        return own(Fact.Kind.MODE, subject).or(() -> own(Fact.Kind.MODE, null)).orElse("READWRITE");
    }
}
