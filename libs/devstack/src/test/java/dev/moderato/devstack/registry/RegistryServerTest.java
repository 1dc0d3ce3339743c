package dev.moderato.devstack.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaMetadata;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.RestService;
import io.confluent.kafka.schemaregistry.client.rest.entities.SchemaReference;
import io.confluent.kafka.schemaregistry.client.rest.entities.SubjectVersion;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The registry as Confluent's own client sees it. */
class RegistryServerTest {
    private static final AvroSchema FIRST = avro("""
            {"type":"record","name":"R","fields":[{"name":"a","type":"string"}]}""");
    private static final AvroSchema COMPATIBLE = avro("""
            {"type":"record","name":"R","fields":[
              {"name":"a","type":"string"},{"name":"b","type":"int","default":0}]}""");
    private static final AvroSchema INCOMPATIBLE = avro("""
            {"type":"record","name":"R","fields":[{"name":"a","type":"string"},{"name":"c","type":"int"}]}""");

    private final MemoryJournal journal = new MemoryJournal();
    private RegistryServer server;
    private SchemaRegistryClient client;

    RegistryServerTest() throws Exception {
        server = RegistryServer.start(anyPort(), journal);
        client = new CachedSchemaRegistryClient(server.url(), 100);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void registersOnceAndFindsByIdByVersionAndByContent() throws Exception {
        int id = client.register("s", FIRST);

        assertThat(fresh().register("s", FIRST)).isEqualTo(id);
        assertThat(fresh().getSchemaById(id).canonicalString()).isEqualTo(FIRST.canonicalString());
        assertThat(fresh().getId("s", FIRST)).isEqualTo(id);
        assertThat(fresh().getVersion("s", FIRST)).isEqualTo(1);
        SchemaMetadata byVersion = fresh().getSchemaMetadata("s", 1);
        assertThat(byVersion.getId()).isEqualTo(id);
        assertThat(byVersion.getSchema()).isEqualTo(FIRST.canonicalString());
        assertThat(fresh().getLatestSchemaMetadata("s").getVersion()).isEqualTo(1);
    }

    @Test
    void aSchemaHasTheSameIdUnderEverySubject() throws Exception {
        int id = client.register("a", FIRST);
        client.register("b", COMPATIBLE);

        assertThat(client.register("c/d e", FIRST)).isEqualTo(id);
        assertThat(client.getAllSubjects()).containsExactly("a", "b", "c/d e");
        assertThat(client.getAllSubjectsById(id)).containsExactlyInAnyOrder("a", "c/d e");
        assertThat(client.getAllVersionsById(id))
                .containsExactlyInAnyOrder(new SubjectVersion("a", 1), new SubjectVersion("c/d e", 1));
        assertThat(client.getAllSubjectsByPrefix("c")).containsExactly("c/d e");
    }

    @Test
    void aCompatibleSchemaBecomesTheNextVersion() throws Exception {
        client.register("s", FIRST);
        client.register("s", COMPATIBLE);

        assertThat(client.getAllVersions("s")).containsExactly(1, 2);
        assertThat(client.getLatestSchemaMetadata("s").getSchema()).isEqualTo(COMPATIBLE.canonicalString());
    }

    @Test
    void refusesAnIncompatibleSchemaAndSaysWhy() throws Exception {
        client.register("s", FIRST);

        assertThat(client.testCompatibility("s", INCOMPATIBLE)).isFalse();
        assertThat(client.testCompatibilityVerbose("s", INCOMPATIBLE))
                .anySatisfy(reason -> assertThat(reason).contains("READER_FIELD_MISSING_DEFAULT_VALUE", "c"));
        RestClientException refusal = refusal(() -> client.register("s", INCOMPATIBLE));
        assertThat(refusal.getErrorCode()).isEqualTo(409);
        assertThat(refusal.getStatus()).isEqualTo(409);
        assertThat(refusal)
                .hasMessageContaining(
                        "Schema being registered is incompatible with an earlier schema for subject \"s\"")
                .hasMessageContaining("READER_FIELD_MISSING_DEFAULT_VALUE")
                .hasMessageContaining("{compatibility: 'BACKWARD'}");
        assertThat(client.getAllVersions("s")).containsExactly(1);
    }

    @Test
    void enforcesTheLevelOfTheSubjectBeforeTheGlobalOne() throws Exception {
        assertThat(client.getCompatibility(null)).isEqualTo("BACKWARD");
        client.register("s", COMPATIBLE);
        assertThat(client.testCompatibility("s", FIRST)).isTrue();

        assertThat(client.updateCompatibility("s", "FORWARD")).isEqualTo("FORWARD");
        assertThat(client.testCompatibility("s", INCOMPATIBLE)).isTrue();

        assertThat(client.updateCompatibility("s", "FULL")).isEqualTo("FULL");
        assertThat(client.testCompatibility("s", INCOMPATIBLE)).isFalse();

        client.updateCompatibility(null, "NONE");
        assertThat(client.getCompatibility(null)).isEqualTo("NONE");
        assertThat(client.testCompatibility("s", INCOMPATIBLE)).isFalse();
        client.deleteCompatibility("s");
        assertThat(client.testCompatibility("s", INCOMPATIBLE)).isTrue();
    }

    @Test
    void transitiveLevelsLookAtEveryVersion() throws Exception {
        AvroSchema withoutDefault = avro("""
                {"type":"record","name":"R","fields":[{"name":"a","type":"string"},{"name":"b","type":"int"}]}""");
        client.register("s", FIRST);
        client.register("s", COMPATIBLE);
        assertThat(client.testCompatibility("s", withoutDefault)).isTrue();

        client.updateCompatibility("s", "BACKWARD_TRANSITIVE");
        assertThat(refusal(() -> client.register("s", withoutDefault)).getErrorCode())
                .isEqualTo(409);
    }

    @Test
    void answersWithConfluentsErrorCodes() throws Exception {
        client.register("s", FIRST);
        client.register("t", COMPATIBLE);

        assertThat(code(() -> client.getAllVersions("nope"))).isEqualTo(40401);
        assertThat(code(() -> client.getLatestSchemaMetadata("nope"))).isEqualTo(40401);
        assertThat(code(() -> client.getId("nope", FIRST))).isEqualTo(40401);
        assertThat(code(() -> client.getSchemaMetadata("s", 7))).isEqualTo(40402);
        assertThat(code(() -> client.getSchemaById(99))).isEqualTo(40403);
        assertThat(code(() -> client.getId("s", COMPATIBLE))).isEqualTo(40403);
        assertThat(code(() -> client.updateCompatibility("s", "SIDEWAYS"))).isEqualTo(42203);
        assertThat(code(() -> client.setMode("IMPORT"))).isEqualTo(42204);
        assertThat(code(() -> rest().registerSchema("{\"type\":\"nonsense\"}", "s")))
                .isEqualTo(42201);
        assertThat(code(() -> rest().getVersion("s", -5))).isEqualTo(42202);
        assertThat(code(() -> client.deleteSubject("s", true))).isEqualTo(42205);
        assertThat(code(() -> rest().getConfig(Map.of(), "s", false))).isEqualTo(40408);
    }

    @Test
    void answersRequestsThatNoClientSends() throws Exception {
        assertThat(send("GET", "/nope", ""))
                .isEqualTo("404 {\"error_code\":404,\"message\":\"HTTP 404 Not Found: /nope\"}");
        assertThat(send("PATCH", "/subjects", "")).startsWith("405 {\"error_code\":405,");
        assertThat(send("POST", "/subjects/s/versions", "{")).startsWith("400 {\"error_code\":400,");
        assertThat(send("POST", "/subjects/s/versions", "{\"schema\":\"string\",\"schemaType\":\"JSON\"}"))
                .startsWith("422 {\"error_code\":42201,");
        assertThat(send("GET", "/schemas/types", "")).isEqualTo("200 [\"AVRO\"]");
    }

    @Test
    void givesOutTheBareSchema() throws Exception {
        int id = client.register("s", FIRST);

        assertThat(rest().getOnlySchemaById(id)).isEqualTo(FIRST.canonicalString());
        assertThat(rest().getVersionSchemaOnly("s", 1)).isEqualTo(FIRST.canonicalString());
    }

    @Test
    void resolvesReferencesBetweenSubjects() throws Exception {
        client.register("part", avro("""
                {"type":"record","name":"Part","namespace":"n","fields":[{"name":"a","type":"string"}]}"""));
        String whole = """
                {"type":"record","name":"Whole","namespace":"n","fields":[{"name":"part","type":"n.Part"}]}""";
        List<SchemaReference> references = List.of(new SchemaReference("n.Part", "part", 1));
        int id =
                rest().registerSchema(whole, "AVRO", references, "whole", false).getId();

        assertThat(fresh().getSchemaById(id).references()).isEqualTo(references);
        assertThat(rest().getReferencedBy("part", 1)).containsExactly(id);
        assertThat(code(() -> client.deleteSchemaVersion("part", "1"))).isEqualTo(42206);
    }

    @Test
    void aDeletedVersionStaysReadableByItsIdAndItsNumberIsNotGivenAgain() throws Exception {
        int id = client.register("s", FIRST);
        assertThat(client.deleteSubject("s")).containsExactly(1);

        assertThat(client.getAllSubjects()).isEmpty();
        assertThat(client.getAllSubjects(true)).containsExactly("s");
        assertThat(fresh().getSchemaById(id).canonicalString()).isEqualTo(FIRST.canonicalString());
        assertThat(code(() -> fresh().getLatestSchemaMetadata("s"))).isEqualTo(40401);

        assertThat(fresh().register("s", FIRST)).isEqualTo(id);
        assertThat(client.getAllVersions("s")).containsExactly(2);
    }

    @Test
    void aReadOnlySubjectTakesNoNewSchemaButKnowsTheOld() throws Exception {
        int id = client.register("s", FIRST);
        client.setMode("READONLY", "s");

        assertThat(fresh().register("s", FIRST)).isEqualTo(id);
        assertThat(code(() -> client.register("s", COMPATIBLE))).isEqualTo(42205);
        assertThat(client.getMode()).isEqualTo("READWRITE");
        assertThat(client.getMode("s")).isEqualTo("READONLY");
        client.deleteMode("s");
        client.register("s", COMPATIBLE);
    }

    @Test
    void aRestartForgetsNothing() throws Exception {
        int id = client.register("s", FIRST);
        client.register("gone", COMPATIBLE);
        client.deleteSubject("gone");
        client.updateCompatibility("s", "FULL");
        client.updateCompatibility(null, "NONE");
        client.setMode("READONLY", "t");

        server.close();
        server = RegistryServer.start(anyPort(), journal);
        client = fresh();

        assertThat(client.getId("s", FIRST)).isEqualTo(id);
        assertThat(client.getAllSubjects()).containsExactly("s");
        assertThat(client.getCompatibility("s")).isEqualTo("FULL");
        assertThat(client.getCompatibility(null)).isEqualTo("NONE");
        assertThat(client.getMode("t")).isEqualTo("READONLY");
        assertThat(client.register("new", INCOMPATIBLE))
                .as("above every id given out")
                .isEqualTo(id + 2);
    }

    @Test
    void whatTheJournalDoesNotTakeIsNotInForce() throws Exception {
        journal.broken = true;
        assertThat(code(() -> client.register("s", FIRST))).isEqualTo(50001);
        journal.broken = false;

        assertThat(client.getAllSubjects()).isEmpty();
        assertThat(client.register("s", FIRST)).isEqualTo(1);
    }

    private SchemaRegistryClient fresh() {
        return new CachedSchemaRegistryClient(server.url(), 100);
    }

    private RestService rest() {
        return new RestService(server.url());
    }

    private String send(String method, String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        return response.statusCode() + " " + response.body();
    }

    private static int code(ThrowingCallable call) {
        return refusal(call).getErrorCode();
    }

    private static RestClientException refusal(ThrowingCallable call) {
        return catchThrowableOfType(RestClientException.class, call);
    }

    private static AvroSchema avro(String schema) {
        return new AvroSchema(schema);
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }
}
