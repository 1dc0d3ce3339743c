package dev.moderato.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** Describes the topics and their events as an AsyncAPI document. */
record AsyncApi(Topics topics) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Which way an event travels, seen from Moderato. */
    private enum Way {
        RECEIVE,
        SEND
    }

    private record Flow(String name, Topic topic, List<Way> ways, String summary) {}

    String yaml() {
        DumpSettings settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setWidth(120)
                .build();
        return "# Made from schemas/src/main/avro and the topic catalogue by the tests of schemas; do not edit.\n"
                + new Dump(settings).dumpToString(document());
    }

    private List<Flow> flows() {
        List<Way> receive = List.of(Way.RECEIVE);
        List<Way> send = List.of(Way.SEND);
        List<Way> both = List.of(Way.RECEIVE, Way.SEND);
        return List.of(
                new Flow("images", topics.images(), receive, "Images to moderate."),
                new Flow("results", topics.results(), send, "Explained verdicts, one per image that could be judged."),
                new Flow("failures", topics.failures(), send, "Image events that could not be judged, and why."),
                new Flow("embeddings", topics.embeddings(), send, "What the encoder made of each image."),
                new Flow("feedback", topics.feedback(), receive, "What people say of a label on an image."),
                new Flow("policies", topics.policies(), both, "Versions of policies."),
                new Flow("models", topics.models(), both, "Model bundles to use."),
                new Flow(
                        "deadLetters", topics.deadLetters(), send, "Records that are not image events, as they came."));
    }

    private Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("asyncapi", "3.1.0");
        document.put("id", "urn:dev:moderato");
        document.put("defaultContentType", "application/vnd.apache.avro");
        document.put(
                "info",
                ordered(
                        "title",
                        "Moderato",
                        "version",
                        "0.1.0",
                        "description",
                        "Real-time image moderation on Kafka. Publish images, receive one explained"
                                + " verdict or one failure for each. Values are Avro in Confluent's wire format; keys are"
                                + " UTF-8 strings. The prefix of the topics is configurable.",
                        "license",
                        ordered("name", "Apache-2.0")));
        document.put("servers", ordered("local", ordered("host", "127.0.0.1:9092", "protocol", "kafka")));
        Map<String, Object> channels = new LinkedHashMap<>();
        Map<String, Object> operations = new LinkedHashMap<>();
        Map<String, Object> messages = new LinkedHashMap<>();
        for (Flow flow : flows()) {
            Optional<Schema> schema = new PublishedSchemas(topics).of(flow.topic());
            String message = schema.map(Schema::getName).orElse("DeadLetter");
            messages.put(message, message(message, schema));
            channels.put(flow.name(), channel(flow, message));
            for (Way way : flow.ways()) {
                operations.put(operation(way, flow.name()), operation(way, flow));
            }
        }
        document.put("channels", channels);
        document.put("operations", operations);
        document.put("components", ordered("messages", messages));
        return document;
    }

    private static Map<String, Object> channel(Flow flow, String message) {
        Topic topic = flow.topic();
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("cleanup.policy", Arrays.asList(topic.cleanup().policy().split(",", -1)));
        if (topic.retention() != null) {
            settings.put("retention.ms", topic.retention().toMillis());
        }
        settings.put("max.message.bytes", topic.maxMessageBytes());
        return ordered(
                "address", topic.name(),
                "description", flow.summary(),
                "messages", ordered(message, reference("components", "messages", message)),
                "bindings",
                        ordered(
                                "kafka",
                                ordered(
                                        "topic",
                                        topic.name(),
                                        "partitions",
                                        topic.partitions(),
                                        "topicConfiguration",
                                        settings,
                                        "bindingVersion",
                                        "0.5.0")));
    }

    private static Map<String, Object> message(String name, Optional<Schema> schema) {
        Map<String, Object> message = ordered("name", name, "title", name);
        Map<String, Object> kafka = ordered("key", ordered("type", "string"));
        if (schema.isPresent()) {
            message.put("summary", schema.get().getDoc());
            message.put("contentType", "application/vnd.apache.avro");
            message.put(
                    "payload",
                    ordered("schemaFormat", "application/vnd.apache.avro;version=1.9.0", "schema", tree(schema.get())));
            kafka.put("schemaIdLocation", "payload");
            kafka.put("schemaIdPayloadEncoding", "confluent");
            kafka.put("schemaLookupStrategy", "TopicIdStrategy");
        } else {
            message.put(
                    "summary", "A record's key, value and headers as they came, with Kafka's own dead-letter headers.");
            message.put("contentType", "application/octet-stream");
        }
        kafka.put("bindingVersion", "0.5.0");
        message.put("bindings", ordered("kafka", kafka));
        return message;
    }

    private static Map<String, Object> operation(Way way, Flow flow) {
        return ordered(
                "action", way == Way.SEND ? "send" : "receive",
                "summary", flow.summary(),
                "channel", reference("channels", flow.name()));
    }

    private static String operation(Way way, String flow) {
        String verb = way == Way.SEND ? "send" : "receive";
        return verb + Character.toUpperCase(flow.charAt(0)) + flow.substring(1);
    }

    private static Map<String, Object> reference(String... path) {
        return ordered("$ref", "#/" + String.join("/", path));
    }

    private static Map<String, Object> tree(Schema schema) {
        try {
            return JSON.readValue(schema.toString(), new TypeReference<LinkedHashMap<String, Object>>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Object> ordered(Object... namesAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return map;
    }
}
