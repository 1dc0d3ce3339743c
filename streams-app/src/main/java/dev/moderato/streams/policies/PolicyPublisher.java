package dev.moderato.streams.policies;

import dev.moderato.events.PolicyPublished;
import dev.moderato.inference.policy.Diagnostic;
import dev.moderato.inference.policy.ParsedPolicy;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.Templates;
import dev.moderato.streams.models.Snapshots;
import dev.moderato.streams.settings.PolicySettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the prompt folder and publishes what is valid, tested and changed. A file publishes only over the version that
 * it last held itself: what somebody else published in between is reported, not overwritten. A deleted file retires its
 * policy. A broken file changes nothing.
 */
public final class PolicyPublisher implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PolicyPublisher.class);
    private static final long LOOK_MILLIS = 100;
    private static final int SHOWN = 3;

    /** What a file last held: a policy's name, and the version of it that the topic then had. */
    private record Held(String name, @Nullable String version) {}

    private final PolicyFolder folder;
    private final boolean tests;
    private final PolicyLog policyLog;
    private final Snapshots snapshots;
    private final PolicyListener listener;
    private final String publisher;
    private final Map<String, Held> held = new HashMap<>();
    private final Thread thread;
    private volatile boolean closing;

    /**
     * Starts to watch.
     *
     * @param watched the folder
     * @param policyLog closed with this
     * @param snapshots whose model runs the policies' own tests
     */
    public PolicyPublisher(
            Path watched, PolicySettings settings, PolicyLog policyLog, Snapshots snapshots, PolicyListener listener) {
        this.folder = new PolicyFolder(watched, settings.debounce().toNanos());
        this.tests = settings.tests();
        this.policyLog = policyLog;
        this.snapshots = snapshots;
        this.listener = listener;
        this.publisher = "folder " + watched.getFileName();
        this.thread = new Thread(this::watch, "policies-watch");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        closing = true;
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        policyLog.close();
    }

    private void watch() {
        boolean again = false;
        while (!closing) {
            try {
                Thread.sleep(LOOK_MILLIS);
                if (tests && snapshots.peek() == null) {
                    continue; // the tests need the model
                }
                if (folder.changed() || again) {
                    again = true;
                    publishAll(folder.read());
                    again = false;
                }
            } catch (InterruptedException e) {
                return;
            } catch (IOException e) {
                listener.refused(folder.path().toString(), "the folder cannot be read: " + e);
            } catch (RuntimeException e) {
                if (!closing) {
                    log.warn("policies were not published, trying again: {}", e.toString());
                }
            }
        }
    }

    private void publishAll(Map<String, String> texts) {
        PolicyLog.State state = policyLog.read();
        Set<String> present = new TreeSet<>();
        for (Map.Entry<String, String> file : texts.entrySet()) {
            Policy policy = parse(file.getKey(), file.getValue());
            Held before = held.get(file.getKey());
            if (policy != null) {
                present.add(policy.name());
                publish(file.getKey(), file.getValue(), policy, state);
            } else if (before != null) {
                present.add(before.name()); // broken, not gone
            }
        }
        retireMissing(texts.keySet(), present);
    }

    private @Nullable Policy parse(String file, String text) {
        ParsedPolicy parsed =
                PolicyParser.parse(text, file, Templates.inFolder(folder.path().resolve("templates")));
        if (parsed.policy() == null) {
            listener.refused(
                    file,
                    parsed.diagnostics().stream()
                            .filter(Diagnostic::isError)
                            .map(Diagnostic::toString)
                            .collect(Collectors.joining("; ")));
        }
        return parsed.policy();
    }

    private void publish(String file, String text, Policy policy, PolicyLog.State state) {
        String name = policy.name();
        String current = state.version(name);
        if (policy.version().equals(current)) {
            held.put(file, new Held(name, current));
            listener.unchanged(file);
            return;
        }
        String seen = seen(file, policy, state);
        String reason = whyNot(policy);
        String source = reason == null ? PortableSource.of(text, policy) : null;
        if (reason == null && source == null) {
            reason = "its templates cannot be written into it; write them as a list, templates: [\"a photo of {}.\"]";
        }
        if (reason != null || source == null) {
            listener.refused(file, String.valueOf(reason));
            return;
        }
        try {
            policyLog.publish(
                    new PolicyPublished(
                            name,
                            policy.version(),
                            source,
                            seen,
                            publisher,
                            Instant.now().truncatedTo(ChronoUnit.MILLIS)),
                    seen);
            held.put(file, new Held(name, policy.version()));
            listener.published(file, name, policy.version());
        } catch (PolicyConflictException e) {
            listener.refused(file, String.valueOf(e.getMessage()));
        }
    }

    /** The version that the file last held. After a restart: what was last published from this folder, unless the file is older. */
    private @Nullable String seen(String file, Policy policy, PolicyLog.State state) {
        Held before = held.get(file);
        if (before != null && before.name().equals(policy.name())) {
            return before.version();
        }
        PolicyPublished current = state.current().get(policy.name());
        boolean older = state.archive().containsKey(policy.name() + "@" + policy.version());
        if (current != null && current.getPublisher().equals(publisher) && !older) {
            return current.getVersion();
        }
        return null;
    }

    private @Nullable String whyNot(Policy policy) {
        if (!tests || policy.tests().isEmpty()) {
            return null;
        }
        try (Snapshots.Pin pin = snapshots.pin()) {
            if (!pin.snapshot().model().identity().trained()) {
                log.warn("the tests of policy {} are not run: the encoder is untrained", policy.name());
                return null;
            }
            List<String> failures =
                    new PolicyTests(policy, folder.path(), pin.snapshot().model()).failures();
            if (failures.isEmpty()) {
                return null;
            }
            return failures.size() + " of its tests fail: "
                    + failures.stream().limit(SHOWN).collect(Collectors.joining("; "))
                    + (failures.size() > SHOWN ? "; …" : "");
        }
    }

    private void retireMissing(Set<String> files, Set<String> present) {
        for (Map.Entry<String, Held> entry : List.copyOf(held.entrySet())) {
            Held gone = entry.getValue();
            if (files.contains(entry.getKey())) {
                continue;
            }
            held.remove(entry.getKey());
            if (present.contains(gone.name()) || gone.version() == null) {
                continue; // the file was renamed
            }
            try {
                policyLog.retire(gone.name(), gone.version());
                listener.retired(entry.getKey(), gone.name());
            } catch (PolicyConflictException e) {
                listener.refused(entry.getKey(), String.valueOf(e.getMessage()));
            }
        }
    }
}
