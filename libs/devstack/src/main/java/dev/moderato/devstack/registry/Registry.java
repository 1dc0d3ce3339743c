package dev.moderato.devstack.registry;

import io.confluent.kafka.schemaregistry.CompatibilityLevel;
import io.confluent.kafka.schemaregistry.ParsedSchema;
import io.confluent.kafka.schemaregistry.ParsedSchemaHolder;
import io.confluent.kafka.schemaregistry.SchemaProvider;
import io.confluent.kafka.schemaregistry.SimpleParsedSchemaHolder;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import io.confluent.kafka.schemaregistry.client.SchemaVersionFetcher;
import io.confluent.kafka.schemaregistry.client.rest.entities.Schema;
import io.confluent.kafka.schemaregistry.client.rest.entities.SubjectVersion;
import io.confluent.kafka.schemaregistry.client.rest.entities.requests.RegisterSchemaRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The registry's rules: what is registered, refused and found. Confluent's own classes parse the schemas and judge their
 * compatibility. A fact is in force once the journal has it. Thread safe.
 */
final class Registry {
    private static final String LATEST = "latest";

    private final Journal journal;
    private final KnownFacts known = new KnownFacts();
    private final SchemaProvider avro = new AvroSchemaProvider();

    Registry(Journal journal) {
        this.journal = journal;
        avro.configure(Map.of(SchemaProvider.SCHEMA_VERSION_FETCHER_CONFIG, references()));
        journal.replay(known::apply);
    }

    /** The version that holds the schema: a known one, or a new one. */
    synchronized Schema register(String subject, RegisterSchemaRequest request, boolean normalize) {
        ParsedSchema schema = parse(subject, request, normalize);
        Optional<Fact.Version> same = find(known.versions(subject, false), schema);
        if (same.isPresent()) {
            return same.get().schema();
        }
        if (!known.mode(subject).equals("READWRITE")) {
            throw RegistryException.notPermitted(
                    "Subject " + subject + " is in " + known.mode(subject) + " mode: it takes no new schema");
        }
        if (request.getId() != null && request.getId() > 0) {
            throw RegistryException.notPermitted(
                    "The embedded registry gives out the ids itself: register the schema without one");
        }
        List<String> reasons = incompatibilities(schema, subject, known.versions(subject, false));
        if (!reasons.isEmpty()) {
            throw RegistryException.incompatible(subject, reasons);
        }
        int id = find(known.everything(), schema).map(Fact.Version::id).orElseGet(known::nextId);
        Fact.Version version = new Fact.Version(new Schema(subject, known.nextVersion(subject), id, schema), false);
        write(version);
        return version.schema();
    }

    /** The version of the subject that holds exactly this schema. */
    synchronized Schema lookUp(String subject, RegisterSchemaRequest request, boolean normalize, boolean deleted) {
        List<Fact.Version> versions = existing(subject, deleted);
        return find(versions, parse(subject, request, normalize))
                .map(Fact.Version::schema)
                .orElseThrow(RegistryException::schemaNotFound);
    }

    /** Why the schema could not follow one version, or all that the level in force asks about; empty where it could. */
    synchronized List<String> check(
            String subject, @Nullable String version, RegisterSchemaRequest request, boolean normalize) {
        List<Fact.Version> earlier =
                version == null ? known.versions(subject, false) : List.of(version(subject, version, false));
        return incompatibilities(parse(subject, request, normalize), subject, earlier);
    }

    synchronized List<String> subjects(String prefix, boolean deleted) {
        return known.subjects().stream()
                .filter(subject -> subject.startsWith(prefix))
                .filter(subject -> !known.versions(subject, deleted).isEmpty())
                .toList();
    }

    synchronized List<Integer> versions(String subject, boolean deleted) {
        return existing(subject, deleted).stream().map(Fact.Version::version).toList();
    }

    synchronized Schema get(String subject, String version, boolean deleted) {
        return version(subject, version, deleted).schema();
    }

    /** The schema of an id, which is never given out twice and never forgotten. */
    synchronized Schema get(int id) {
        return known.everything().stream()
                .filter(version -> version.id() == id)
                .findFirst()
                .map(Fact.Version::schema)
                .orElseThrow(() -> RegistryException.schemaNotFound(id));
    }

    synchronized int lastId() {
        return known.nextId() - 1;
    }

    synchronized List<SubjectVersion> uses(int id, boolean deleted) {
        get(id);
        return known.everything().stream()
                .filter(version -> version.id() == id && (deleted || !version.deleted()))
                .map(version -> new SubjectVersion(version.subject(), version.version()))
                .toList();
    }

    /** Ids of the schemas that refer to a version. */
    synchronized List<Integer> referencedBy(String subject, String version) {
        int number = version(subject, version, true).version();
        return known.everything().stream()
                .filter(other -> !other.deleted())
                .filter(other -> other.schema().getReferences().stream()
                        .anyMatch(reference -> reference.getSubject().equals(subject)
                                && reference.getVersion().equals(number)))
                .map(Fact.Version::id)
                .distinct()
                .toList();
    }

    synchronized int delete(String subject, String version) {
        Fact.Version doomed = version(subject, version, false);
        if (!referencedBy(subject, version).isEmpty()) {
            throw RegistryException.referenced(subject, doomed.version());
        }
        write(new Fact.Version(doomed.schema(), true));
        return doomed.version();
    }

    synchronized List<Integer> delete(String subject) {
        List<Integer> versions = versions(subject, false);
        versions.forEach(version -> delete(subject, Integer.toString(version)));
        return versions;
    }

    /** The compatibility level of a subject, or the global one for null. */
    synchronized String level(@Nullable String subject, boolean orGlobal) {
        return known.own(Fact.Kind.CONFIG, subject)
                .or(() -> orGlobal ? Optional.of(known.level(subject)) : Optional.empty())
                .orElseThrow(() -> RegistryException.noLevel(String.valueOf(subject)));
    }

    synchronized String setLevel(@Nullable String subject, @Nullable String level) {
        String wanted = level == null ? "" : level.toUpperCase(Locale.ROOT);
        if (CompatibilityLevel.forName(wanted) == null) {
            throw RegistryException.invalidLevel(level);
        }
        write(new Fact.Setting(Fact.Kind.CONFIG, subject, wanted));
        return wanted;
    }

    /** Back to the global level, or to BACKWARD for null. Returns what was in force until now. */
    synchronized String removeLevel(@Nullable String subject) {
        String before = level(subject, false);
        write(new Fact.Setting(Fact.Kind.CONFIG, subject, null));
        return before;
    }

    synchronized String mode(@Nullable String subject, boolean orGlobal) {
        return known.own(Fact.Kind.MODE, subject)
                .or(() -> orGlobal ? Optional.of(known.mode(subject)) : Optional.empty())
                .orElseThrow(() -> RegistryException.noMode(String.valueOf(subject)));
    }

    synchronized String setMode(@Nullable String subject, @Nullable String mode) {
        if (mode == null || !List.of("READWRITE", "READONLY").contains(mode)) {
            throw RegistryException.invalidMode(mode);
        }
        write(new Fact.Setting(Fact.Kind.MODE, subject, mode));
        return mode;
    }

    synchronized String removeMode(@Nullable String subject) {
        String before = mode(subject, false);
        write(new Fact.Setting(Fact.Kind.MODE, subject, null));
        return before;
    }

    private List<String> incompatibilities(ParsedSchema schema, String subject, List<Fact.Version> earlier) {
        CompatibilityLevel level = CompatibilityLevel.forName(known.level(subject));
        List<ParsedSchemaHolder> holders = new ArrayList<>();
        for (Fact.Version version : earlier) {
            holders.add(new SimpleParsedSchemaHolder(parse(version.schema(), false)));
        }
        List<String> reasons = new ArrayList<>(schema.isCompatible(level, holders));
        if (!reasons.isEmpty()) {
            reasons.add("{compatibility: '" + level + "'}");
        }
        return reasons;
    }

    private ParsedSchema parse(String subject, RegisterSchemaRequest request, boolean normalize) {
        Schema schema = new Schema(subject, request);
        if (!AvroSchema.TYPE.equals(schema.getSchemaType())) {
            throw RegistryException.invalidSchema(
                    "the embedded registry knows AVRO, not " + schema.getSchemaType(), null);
        }
        return parse(schema, normalize);
    }

    private ParsedSchema parse(Schema schema, boolean normalize) {
        try {
            return avro.parseSchemaOrElseThrow(schema, false, normalize);
        } catch (RuntimeException e) {
            throw RegistryException.invalidSchema(e.getMessage(), e);
        }
    }

    private Optional<Fact.Version> find(List<Fact.Version> versions, ParsedSchema schema) {
        return versions.stream()
                .filter(version -> same(parse(version.schema(), false), schema))
                .findFirst();
    }

    /** Their own equals also compares the version. */
    private static boolean same(ParsedSchema one, ParsedSchema other) {
        return one.canonicalString().equals(other.canonicalString())
                && one.references().equals(other.references())
                && Objects.equals(one.metadata(), other.metadata())
                && Objects.equals(one.ruleSet(), other.ruleSet());
    }

    private List<Fact.Version> existing(String subject, boolean deleted) {
        List<Fact.Version> versions = known.versions(subject, deleted);
        if (versions.isEmpty()) {
            throw RegistryException.subjectNotFound(subject);
        }
        return versions;
    }

    private Fact.Version version(String subject, String version, boolean deleted) {
        List<Fact.Version> versions = existing(subject, deleted);
        if (version.equals(LATEST) || version.equals("-1")) {
            return versions.get(versions.size() - 1);
        }
        int number = number(version);
        return versions.stream()
                .filter(candidate -> candidate.version() == number)
                .findFirst()
                .orElseThrow(() -> RegistryException.versionNotFound(number));
    }

    private static int number(String version) {
        try {
            int number = Integer.parseInt(version);
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // the same refusal as for a number out of range
        }
        throw RegistryException.invalidVersion(version);
    }

    private void write(Fact fact) {
        journal.append(fact);
        known.apply(fact);
    }

    private SchemaVersionFetcher references() {
        return new SchemaVersionFetcher() {
            @Override
            public String tenant() {
                return "default";
            }

            @Override
            public Schema getByVersion(String subject, int version, boolean deleted) {
                return get(subject, Integer.toString(version), deleted);
            }
        };
    }
}
