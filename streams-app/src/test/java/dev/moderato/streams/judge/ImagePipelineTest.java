package dev.moderato.streams.judge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.content.ContentFetcher;
import dev.moderato.content.ContentRules;
import dev.moderato.content.Room;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.PolicyScorer;
import dev.moderato.inference.policy.Templates;
import dev.moderato.streams.FixedBundles;
import dev.moderato.streams.batch.BatchListener;
import dev.moderato.streams.batch.FaultListener;
import dev.moderato.streams.models.ServingModel;
import dev.moderato.streams.models.Snapshot;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ImagePipelineTest {
    private static final int IMAGES = 400;
    private static final Policy POLICY =
            PolicyParser.parse("""
                    policy: test
                    neutral: ["a landscape"]
                    labels:
                      weapon:
                        prompts: ["a knife"]
                    """, "test.yaml", Templates.none()).orElseThrow();

    /** As while a model is swapped: images under the old one and under the new one come in turns. */
    @Test
    void neverMixesTwoBundlesInABatch() throws Exception {
        Queue<List<byte[]>> ofOld = new ConcurrentLinkedQueue<>();
        Queue<List<byte[]>> ofNew = new ConcurrentLinkedQueue<>();
        Snapshot before = snapshot("old", ofOld);
        Snapshot after = snapshot("new", ofNew);
        byte[] red = image(Color.RED);
        byte[] blue = image(Color.BLUE);

        List<Outcome> outcomes = new ArrayList<>();
        try (ContentFetcher nothing = ContentFetcher.create(ContentRules.refuseAll());
                ImagePipeline pipeline = new ImagePipeline(nothing, new EmbeddingCache(0), new Deaf(), 4, 1)) {
            List<CompletableFuture<Outcome>> running = new ArrayList<>();
            for (int i = 0; i < IMAGES; i++) {
                boolean old = i % 2 == 0;
                Content content = new Content.Inline(ByteBuffer.wrap(old ? red : blue));
                Snapshot snapshot = old ? before : after;
                running.add(pipeline.submit(new Job(content, "test", null, snapshot, Room.UNBOUNDED, () -> {})));
            }
            for (CompletableFuture<Outcome> each : running) {
                outcomes.add(each.get(60, TimeUnit.SECONDS));
            }
        }

        for (int i = 0; i < IMAGES; i++) {
            Outcome.Moderated moderated = (Outcome.Moderated) outcomes.get(i);
            assertThat(moderated.model().id()).isEqualTo(i % 2 == 0 ? "old" : "new");
        }
        assertThat(ofOld)
                .anyMatch(batch -> batch.size() > 1)
                .allSatisfy(batch -> assertThat(batch).allMatch(crop -> crop[0] == -1 && crop[2] == 0));
        assertThat(ofNew)
                .anyMatch(batch -> batch.size() > 1)
                .allSatisfy(batch -> assertThat(batch).allMatch(crop -> crop[0] == 0 && crop[2] == -1));
        assertThat(ofOld.stream().mapToInt(List::size).sum()).isEqualTo(IMAGES / 2);
        assertThat(ofNew.stream().mapToInt(List::size).sum()).isEqualTo(IMAGES / 2);
    }

    private static Snapshot snapshot(String id, Queue<List<byte[]>> batches) {
        FixedBundles bundles = new FixedBundles(Duration.ofMillis(2), crops -> batches.add(List.copyOf(crops)));
        ServingModel model = new ServingModel(
                bundles.open(Path.of(id), null), 16, Duration.ofMillis(20), BatchListener.NONE, new Deaf());
        PolicyScorer scorer = PolicyScorer.compile(POLICY, model.texts(), id, model.logitScale());
        return new Snapshot(model, Map.of("test", scorer));
    }

    private static byte[] image(Color color) throws IOException {
        BufferedImage image = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 1600; i++) {
            image.setRGB(i % 40, i / 40, color.getRGB());
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    private static final class Deaf implements StageListener, FaultListener {
        @Override
        public void took(Stage stage, long nanos) {}

        @Override
        public void cacheAsked(boolean hit) {}

        @Override
        public void split(int size, String reason) {}

        @Override
        public void shrunk(int from, int to) {}

        @Override
        public void reopened(String reason) {}

        @Override
        public void unavailable(String reason) {}

        @Override
        public void encoded() {}
    }
}
