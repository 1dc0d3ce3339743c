package dev.moderato.cli.demo;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.cli.Progress;
import dev.moderato.cli.cluster.Cluster;
import dev.moderato.cli.cluster.ImagePublisher;
import dev.moderato.cli.cluster.Outcome;
import dev.moderato.cli.cluster.OutcomeTail;
import dev.moderato.events.ImageFacts;
import dev.moderato.events.Verdict;
import dev.moderato.inference.image.Thumbnail;
import dev.moderato.pictograms.DemoImage;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Publishes the example images, a few at a time, and collects what became of each. */
final class DemoRun {
    private static final int THUMBNAIL = 240;

    /** Enough to fill the encoder's batches, few enough that latency tells of the work and not of the queue. */
    private static final int IN_FLIGHT = 32;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Histogram latencyMicros = new Histogram(3);
    private final List<DemoCard> cards = new ArrayList<>();
    private final Map<String, DemoImage> waiting = new HashMap<>();
    private final Map<String, Long> publishedAt = new HashMap<>();
    private long firstVerdictMs = -1;
    private double imagesPerSecond;

    private DemoRun() {}

    /** @throws CommandFailed where an outcome does not come within a minute */
    static DemoRun moderate(Cluster cluster, List<DemoImage> examples, Instant called, Progress progress) {
        DemoRun run = new DemoRun();
        Iterator<DemoImage> next = examples.iterator();
        long start = System.nanoTime();
        long patience = start + PATIENCE.toNanos();
        try (OutcomeTail tail = OutcomeTail.fromNow(cluster);
                ImagePublisher publisher = ImagePublisher.to(cluster)) {
            while (next.hasNext() || !run.waiting.isEmpty()) {
                while (next.hasNext() && run.waiting.size() < IN_FLIGHT) {
                    run.publish(publisher, next.next());
                }
                for (Outcome outcome : tail.poll(Duration.ofMillis(100))) {
                    run.take(outcome, called);
                    patience = System.nanoTime() + PATIENCE.toNanos();
                }
                progress.at(run.cards.size());
                if (System.nanoTime() > patience) {
                    throw CommandFailed.because("no outcome of " + run.waiting.keySet() + " within "
                            + PATIENCE.toSeconds() + " s (--debug tells what the service does)");
                }
            }
        }
        run.imagesPerSecond = examples.size() / ((System.nanoTime() - start) / 1e9);
        return run;
    }

    private void publish(ImagePublisher publisher, DemoImage image) {
        String id = image.file().getFileName().toString();
        waiting.put(id, image);
        publishedAt.put(id, System.nanoTime());
        publisher.publish(id, bytes(image));
    }

    private void take(Outcome outcome, Instant called) {
        DemoImage image = waiting.remove(outcome.id());
        if (image == null) {
            throw new IllegalStateException("a second outcome of " + outcome.id());
        }
        if (firstVerdictMs < 0) {
            firstVerdictMs = Duration.between(called, Instant.now()).toMillis();
        }
        latencyMicros.recordValue((System.nanoTime() - publishedAt.getOrDefault(outcome.id(), 0L)) / 1000);
        cards.add(card(image, outcome));
    }

    private static DemoCard card(DemoImage image, Outcome outcome) {
        String thumbnail = null;
        if (outcome instanceof Outcome.Judged judged) {
            ImageFacts facts = judged.result().getImage();
            thumbnail = Thumbnail.of(bytes(image), facts.getWidth(), facts.getHeight(), THUMBNAIL);
        }
        Verdict expected = image.verdict() == null ? null : Verdict.valueOf(image.verdict());
        return new DemoCard(outcome.id(), thumbnail, expected, outcome);
    }

    private static byte[] bytes(DemoImage image) {
        try {
            return Files.readAllBytes(image.file());
        } catch (IOException e) {
            throw CommandFailed.because("cannot read " + image.file() + ": " + IoReason.of(e), e);
        }
    }

    List<DemoCard> cards() {
        return cards;
    }

    DemoFigures figures(String modelId, boolean trained) {
        int results = (int) cards.stream()
                .filter(card -> card.outcome() instanceof Outcome.Judged)
                .count();
        return new DemoFigures(
                cards.size(),
                results,
                cards.size() - results,
                (int) cards.stream().filter(DemoCard::isKnown).count(),
                (int) cards.stream().filter(DemoCard::isRight).count(),
                imagesPerSecond,
                latencyMicros.getValueAtPercentile(50) / 1000.0,
                latencyMicros.getValueAtPercentile(99) / 1000.0,
                firstVerdictMs,
                modelId,
                trained);
    }
}
