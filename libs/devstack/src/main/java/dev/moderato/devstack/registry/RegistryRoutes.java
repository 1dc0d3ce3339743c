package dev.moderato.devstack.registry;

import com.fasterxml.jackson.databind.util.RawValue;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.rest.entities.Config;
import io.confluent.kafka.schemaregistry.client.rest.entities.Mode;
import io.confluent.kafka.schemaregistry.client.rest.entities.Schema;
import io.confluent.kafka.schemaregistry.client.rest.entities.SchemaRegistryServerVersion;
import io.confluent.kafka.schemaregistry.client.rest.entities.SchemaString;
import io.confluent.kafka.schemaregistry.client.rest.entities.ServerClusterId;
import io.confluent.kafka.schemaregistry.client.rest.entities.SubjectVersion;
import io.confluent.kafka.schemaregistry.client.rest.entities.requests.CompatibilityCheckResponse;
import io.confluent.kafka.schemaregistry.client.rest.entities.requests.ConfigUpdateRequest;
import io.confluent.kafka.schemaregistry.client.rest.entities.requests.ModeUpdateRequest;
import io.confluent.kafka.schemaregistry.client.rest.entities.requests.RegisterSchemaRequest;
import io.confluent.kafka.schemaregistry.client.rest.entities.requests.RegisterSchemaResponse;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The registry's calls as Confluent lays them out under HTTP. */
final class RegistryRoutes {
    private final Registry registry;

    private RegistryRoutes(Registry registry) {
        this.registry = registry;
    }

    static Routes of(Registry registry) {
        RegistryRoutes calls = new RegistryRoutes(registry);
        Routes routes = new Routes();
        calls.addSchemas(routes);
        calls.addSubjects(routes);
        calls.addCompatibility(routes);
        calls.addSettings(routes);
        return routes.add("GET", "/", (call, wild) -> Map.of())
                .add("GET", "/contexts", (call, wild) -> List.of("."))
                .add("GET", "/v1/metadata/id", (call, wild) -> ServerClusterId.of("moderato", "devstack"))
                .add("GET", "/v1/metadata/version", (call, wild) -> new SchemaRegistryServerVersion("moderato", ""));
    }

    private void addSchemas(Routes routes) {
        routes.add("GET", "/schemas/types", (call, wild) -> List.of(AvroSchema.TYPE))
                .add("GET", "/schemas/ids/{}", (call, wild) -> byId(call, id(wild)))
                .add("GET", "/schemas/ids/{}/schema", (call, wild) -> raw(registry.get(id(wild))))
                .add(
                        "GET",
                        "/schemas/ids/{}/subjects",
                        (call, wild) -> registry.uses(id(wild), call.flag("deleted")).stream()
                                .map(SubjectVersion::getSubject)
                                .distinct()
                                .toList())
                .add("GET", "/schemas/ids/{}/versions", (call, wild) -> registry.uses(id(wild), call.flag("deleted")));
    }

    private void addSubjects(Routes routes) {
        routes.add(
                        "GET",
                        "/subjects",
                        (call, wild) ->
                                registry.subjects(call.query().getOrDefault("subjectPrefix", ""), call.flag("deleted")))
                .add(
                        "POST",
                        "/subjects/{}",
                        (call, wild) ->
                                registry.lookUp(wild.get(0), body(call), call.flag("normalize"), call.flag("deleted")))
                .add("DELETE", "/subjects/{}", (call, wild) -> registry.delete(soft(call, wild.get(0))))
                .add(
                        "GET",
                        "/subjects/{}/versions",
                        (call, wild) -> registry.versions(wild.get(0), call.flag("deleted")))
                .add(
                        "POST",
                        "/subjects/{}/versions",
                        (call, wild) -> new RegisterSchemaResponse(
                                registry.register(wild.get(0), body(call), call.flag("normalize"))))
                .add("GET", "/subjects/{}/versions/{}", (call, wild) -> get(call, wild))
                .add("GET", "/subjects/{}/versions/{}/schema", (call, wild) -> raw(get(call, wild)))
                .add(
                        "GET",
                        "/subjects/{}/versions/{}/referencedby",
                        (call, wild) -> registry.referencedBy(wild.get(0), wild.get(1)))
                .add(
                        "DELETE",
                        "/subjects/{}/versions/{}",
                        (call, wild) -> registry.delete(soft(call, wild.get(0)), wild.get(1)));
    }

    private void addCompatibility(Routes routes) {
        routes.add("POST", "/compatibility/subjects/{}/versions", (call, wild) -> check(call, wild.get(0), null))
                .add(
                        "POST",
                        "/compatibility/subjects/{}/versions/{}",
                        (call, wild) -> check(call, wild.get(0), wild.get(1)));
    }

    private void addSettings(Routes routes) {
        for (String path : List.of("/config", "/config/{}")) {
            routes.add("GET", path, (call, wild) -> new Config(registry.level(subject(wild), global(call, wild))))
                    .add(
                            "PUT",
                            path,
                            (call, wild) -> new ConfigUpdateRequest(new Config(registry.setLevel(
                                    subject(wild),
                                    call.body(ConfigUpdateRequest.class).getCompatibilityLevel()))))
                    .add("DELETE", path, (call, wild) -> new Config(registry.removeLevel(subject(wild))));
        }
        for (String path : List.of("/mode", "/mode/{}")) {
            routes.add("GET", path, (call, wild) -> new Mode(registry.mode(subject(wild), global(call, wild))))
                    .add(
                            "PUT",
                            path,
                            (call, wild) -> new ModeUpdateRequest(registry.setMode(
                                    subject(wild),
                                    call.body(ModeUpdateRequest.class).getMode())))
                    .add("DELETE", path, (call, wild) -> new Mode(registry.removeMode(subject(wild))));
        }
    }

    private SchemaString byId(Call call, int id) {
        SchemaString schema = new SchemaString(registry.get(id));
        if (call.flag("fetchMaxId")) {
            schema.setMaxId(registry.lastId());
        }
        return schema;
    }

    private Schema get(Call call, List<String> wild) {
        return registry.get(wild.get(0), wild.get(1), call.flag("deleted"));
    }

    private CompatibilityCheckResponse check(Call call, String subject, @Nullable String version) {
        List<String> reasons = registry.check(subject, version, body(call), call.flag("normalize"));
        CompatibilityCheckResponse response = new CompatibilityCheckResponse();
        response.setIsCompatible(reasons.isEmpty());
        response.setMessages(call.flag("verbose") ? reasons : null);
        return response;
    }

    /** Ids are in the records of years: nothing that has one is ever wiped out. */
    private static String soft(Call call, String subject) {
        if (call.flag("permanent")) {
            throw RegistryException.notPermitted(
                    "The embedded registry deletes nothing for good: records of " + subject + " may still need it");
        }
        return subject;
    }

    private static RegisterSchemaRequest body(Call call) {
        return call.body(RegisterSchemaRequest.class);
    }

    private static RawValue raw(Schema schema) {
        return new RawValue(schema.getSchema());
    }

    private static @Nullable String subject(List<String> wild) {
        return wild.isEmpty() ? null : wild.get(0);
    }

    private static boolean global(Call call, List<String> wild) {
        return wild.isEmpty() || call.flag("defaultToGlobal");
    }

    private static int id(List<String> wild) {
        try {
            return Integer.parseInt(wild.get(0));
        } catch (NumberFormatException e) {
            throw RegistryException.noSuchPage("/schemas/ids/" + wild.get(0));
        }
    }
}
