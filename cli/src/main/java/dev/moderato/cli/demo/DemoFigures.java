package dev.moderato.cli.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.cluster.OutcomeText;

/**
 * What the demo measured.
 *
 * @param images published
 * @param results judged
 * @param failures not judged: bad files
 * @param expectedRight images whose right verdict is known
 * @param right of those, judged so
 * @param imagesPerSecond outcomes by the time from the first publication to the last outcome
 * @param p50Ms median milliseconds from publishing an image to seeing its committed outcome
 * @param p99Ms the 99th percentile of that
 * @param firstVerdictMs milliseconds from calling the command to the first outcome
 * @param trained false where the encoder's weights are random
 */
record DemoFigures(
        int images,
        int results,
        int failures,
        int expectedRight,
        int right,
        double imagesPerSecond,
        double p50Ms,
        double p99Ms,
        long firstVerdictMs,
        String modelId,
        boolean trained) {
    static final String UNTRAINED = "untrained encoder: verdicts are meaningless";

    String json() {
        ObjectNode line = OutcomeText.object()
                .put("images", images)
                .put("results", results)
                .put("failures", failures)
                .put("expectedRight", expectedRight)
                .put("right", right)
                .put("imagesPerSecond", rounded(imagesPerSecond))
                .put("p50Ms", rounded(p50Ms))
                .put("p99Ms", rounded(p99Ms))
                .put("firstVerdictMs", firstVerdictMs);
        line.putObject("model").put("id", modelId).put("trained", trained);
        return OutcomeText.write(line);
    }

    private static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }
}
