package dev.moderato.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.events.ImageEmbedding;
import dev.moderato.events.ImageReference;
import dev.moderato.events.ImageSubmitted;
import dev.moderato.events.ModerationFailure;
import dev.moderato.events.ModerationResult;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

/** The whole service on a real broker and registry, with an encoder of fixed cost. */
class ModeratorAppTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void givesEachImageOneResultInTheOrderOfItsPartition() throws Exception {
        Stack stack = Stack.fresh(4);
        int images = 400;
        try (ModeratorApp app = ModeratorApp.start(stack.settings(), new FixedBundles());
                KafkaProducer<String, byte[]> producer = stack.producer()) {
            for (int i = 0; i < images; i++) {
                ProducerRecord<String, byte[]> record =
                        stack.record("image-" + i, Stack.image("image-" + i, Stack.png(i % 50)));
                record.headers().add("traceparent", ("00-trace-" + i).getBytes(StandardCharsets.US_ASCII));
                var unused = producer.send(record);
            }
            producer.flush();
            List<ConsumerRecord<String, ModerationResult>> results = results(stack, images);
            assertThat(results).hasSize(images);
            assertThat(results.stream().map(ConsumerRecord::key).distinct()).hasSize(images);
            results.stream()
                    .collect(Collectors.groupingBy(ConsumerRecord::partition))
                    .values()
                    .forEach(ofPartition -> assertThat(ofPartition.stream()
                                    .map(r -> r.value().getSource().getOffset())
                                    .toList())
                            .isSorted());
            ConsumerRecord<String, ModerationResult> one = results.get(0);
            assertThat(one.value().getId()).isEqualTo(one.key());
            assertThat(one.value().getLabels())
                    .extracting(l -> l.getLabel())
                    .containsExactly("weapons", "weapons.knife", "fire");
            assertThat(new String(one.headers().lastHeader("traceparent").value(), StandardCharsets.US_ASCII))
                    .isEqualTo("00-trace-" + one.key().substring("image-".length()));
            assertThat(results.stream().filter(r -> r.value().getCached()).count())
                    .isPositive();

            List<ConsumerRecord<String, ImageEmbedding>> embeddings = stack.read(
                    stack.topics.embeddings().name(),
                    stack.serdes.embeddings().deserializer(),
                    PATIENCE,
                    r -> r.size() >= images);
            assertThat(embeddings).hasSize(images);
            assertThat(embeddings.get(0).value().getVectors().get(0).remaining())
                    .isEqualTo(2 * FixedBundles.SIZE);
            assertThat(embeddings.get(0).value().getTrace()).startsWith("00-trace-");

            assertThat(get(app, "/health/ready")).contains("\"ready\":true").contains("\"policy default\"");
            String documented = Files.readString(Path.of("..", "docs", "streaming.md"));
            Pattern.compile("moderato_[a-z_]+?(?=(_count|_sum|_max|_bucket)?[{ ])")
                    .matcher(get(app, "/metrics"))
                    .results()
                    .map(MatchResult::group)
                    .distinct()
                    .forEach(name -> assertThat(documented).contains("`" + name + "`"));
            assertThat(get(app, "/metrics"))
                    .contains("moderato_verdicts_total")
                    .contains("moderato_stage_seconds_count{stage=\"decode\"}")
                    .contains("moderato_batch_fill")
                    .contains("moderato_lag_records");
        }
    }

    @Test
    void endsEveryBadEventAsExactlyOneFailureWithItsReason() throws Exception {
        Stack stack = Stack.fresh(1);
        byte[] good = Stack.png(1);
        byte[] whole = stack.record("cut", Stack.image("cut", good)).value();
        try (ModeratorApp app = ModeratorApp.start(stack.settings(), new FixedBundles());
                KafkaProducer<String, byte[]> producer = stack.producer()) {
            assertThat(app.health().ready()).isTrue();
            List<ProducerRecord<String, byte[]>> records = List.of(
                    stack.record("good", Stack.image("good", good)),
                    stack.record("good", Stack.image("good", good)),
                    stack.record(null, Stack.image("no-key", good)),
                    stack.record("empty", Stack.image("empty", new byte[0])),
                    stack.record("text", Stack.image("text", "no image".getBytes(StandardCharsets.UTF_8))),
                    stack.record(
                            "policy",
                            ImageSubmitted.newBuilder(Stack.image("policy", good))
                                    .setPolicy("other")
                                    .build()),
                    stack.record(
                            "surface",
                            ImageSubmitted.newBuilder(Stack.image("surface", good))
                                    .setSurface("x")
                                    .build()),
                    stack.record("  ", Stack.image("  ", good)),
                    stack.record("key", Stack.image("id", good)),
                    stack.record(
                            "reference",
                            ImageSubmitted.newBuilder(Stack.image("reference", good))
                                    .setImage(new ImageReference("https://example.com/a.png", null))
                                    .build()),
                    new ProducerRecord<>(stack.topics.images().name(), "tombstone", null),
                    new ProducerRecord<>(stack.topics.images().name(), "rubbish", new byte[] {1, 2, 3}),
                    new ProducerRecord<>(stack.topics.images().name(), "cut", Arrays.copyOf(whole, whole.length / 2)));
            records.forEach(record -> {
                var unused = producer.send(record);
            });
            producer.flush();

            assertThat(results(stack, 3)).hasSize(3);
            var unused = producer.send(stack.record("last", Stack.image("last", good)));

            List<ConsumerRecord<String, ModerationResult>> results = results(stack, 4);
            assertThat(results).extracting(ConsumerRecord::key).containsExactly("good", "good", "no-key", "last");
            assertThat(results.get(3).value().getCached())
                    .as("the same bytes again")
                    .isTrue();
            List<ConsumerRecord<String, ModerationFailure>> failures = stack.read(
                    stack.topics.failures().name(),
                    stack.serdes.failures().deserializer(),
                    PATIENCE,
                    r -> r.size() >= 8);
            String images = stack.topics.images().name();
            Map<String, String> reasons = new TreeMap<>();
            failures.forEach(f -> reasons.put(f.key(), f.value().getReason().name()));
            assertThat(reasons)
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "empty",
                            "EMPTY",
                            "text",
                            "NOT_AN_IMAGE",
                            "policy",
                            "UNKNOWN_POLICY",
                            "surface",
                            "UNKNOWN_SURFACE",
                            images + "-0-7",
                            "BLANK_ID",
                            images + "-0-8",
                            "ID_CONFLICT",
                            "reference",
                            "REFERENCE_REFUSED",
                            images + "-0-10",
                            "BLANK_ID"));
            assertThat(failures).hasSize(8);
            ModerationFailure text = failures.stream()
                    .filter(f -> f.key().equals("text"))
                    .findFirst()
                    .orElseThrow()
                    .value();
            assertThat(text.getSize()).isEqualTo(8);
            assertThat(text.getSha256()).hasSize(64);
            assertThat(text.getSource().getTopic()).isEqualTo(images);
            assertThat(text.getSource().getOffset()).isEqualTo(4);
            assertThat(failure(failures, "policy").getDetail()).isEqualTo("there is no policy named 'other'");
            assertThat(failure(failures, "surface").getDetail()).isEqualTo("policy default has no surface 'x'");
            assertThat(failure(failures, images + "-0-7").getDetail()).isEqualTo("the event has no id");
            assertThat(failure(failures, images + "-0-8").getDetail())
                    .isEqualTo("the id 'id' is not the record's key 'key'");
            assertThat(failure(failures, images + "-0-10").getDetail()).isEqualTo("the record has no value");

            List<ConsumerRecord<String, byte[]>> dead = stack.read(
                    stack.topics.deadLetters().name(), new ByteArrayDeserializer(), PATIENCE, r -> r.size() >= 2);
            assertThat(dead).extracting(ConsumerRecord::key).containsExactly("rubbish", "cut");
            assertThat(dead.get(0).value()).containsExactly(1, 2, 3);
            assertThat(dead.get(1).value()).isEqualTo(Arrays.copyOf(whole, whole.length / 2));
            assertThat(header(dead.get(0), "__streams.errors.topic")).isEqualTo(images);
            assertThat(header(dead.get(0), "__streams.errors.partition")).isEqualTo("0");
            assertThat(header(dead.get(0), "__streams.errors.offset")).isEqualTo("11");
            assertThat(header(dead.get(1), "__streams.errors.offset")).isEqualTo("12");
        }
    }

    private static ModerationFailure failure(List<ConsumerRecord<String, ModerationFailure>> failures, String key) {
        return failures.stream()
                .filter(failure -> failure.key().equals(key))
                .findFirst()
                .orElseThrow()
                .value();
    }

    private static String header(ConsumerRecord<?, ?> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static List<ConsumerRecord<String, ModerationResult>> results(Stack stack, int enough) {
        return stack.read(
                stack.topics.results().name(),
                stack.serdes.results().deserializer(),
                PATIENCE,
                r -> r.size() >= enough);
    }

    private static String get(ModeratorApp app, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app.opsPort() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
