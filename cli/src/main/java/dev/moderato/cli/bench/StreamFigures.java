package dev.moderato.cli.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.cluster.OutcomeText;
import dev.moderato.streams.settings.Profile;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * What a run of the stream showed.
 *
 * @param rate images a second that were published; 0 where all were published before
 */
record StreamFigures(
        String encoder,
        Profile profile,
        int partitions,
        double rate,
        StreamWatch.Seen seen,
        Batches batches,
        Ceilings ceilings) {
    /**
     * The encoder's batches, on average.
     *
     * @param fill share of the largest batch, 0 to 1
     */
    record Batches(double size, double fill) {
        static Batches of(MeterRegistry metrics) {
            return new Batches(
                    metrics.get("moderato.batch.size").summary().mean(),
                    metrics.get("moderato.batch.fill").summary().mean());
        }
    }

    void print(PrintWriter out, boolean json) {
        if (json) {
            out.println(OutcomeText.write(tree()));
        } else {
            table(out);
        }
        out.flush();
    }

    private ObjectNode tree() {
        ObjectNode line = OutcomeText.object();
        line.put("encoder", encoder).put("profile", profile.name().toLowerCase(Locale.ROOT));
        line.put("partitions", partitions).put("rate", rate).put("images", seen.images());
        line.put("imagesPerSecond", rounded(seen.perSecond(), 1));
        line.put("decodeCeiling", rounded(ceilings.decode(), 1));
        line.put("encodeCeiling", rounded(ceilings.encode(), 1));
        line.put("combinedCeiling", rounded(ceilings.combined(), 1));
        line.put("ofCeiling", rounded(seen.perSecond() / ceilings.combined(), 3));
        line.put("batchSize", rounded(batches.size(), 1)).put("batchFill", rounded(batches.fill(), 3));
        line.put("cpuMsPerImage", rounded(cpuMillis(), 3));
        line.putObject("latencyMs")
                .put("p50", latency(50))
                .put("p95", latency(95))
                .put("p99", latency(99));
        return line;
    }

    private void table(PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%s, %s profile, %d partitions, %s%n",
                encoder,
                profile.name().toLowerCase(Locale.ROOT),
                partitions,
                rate > 0 ? String.format(Locale.ROOT, "%.0f images/s", rate) : "as fast as possible");
        out.printf(
                Locale.ROOT,
                "  images/s          %10.1f   (%.0f%% of the combined ceiling)%n",
                seen.perSecond(),
                100 * seen.perSecond() / ceilings.combined());
        out.printf(Locale.ROOT, "  decode ceiling    %10.1f%n", ceilings.decode());
        out.printf(Locale.ROOT, "  encode ceiling    %10.1f%n", ceilings.encode());
        out.printf(Locale.ROOT, "  combined ceiling  %10.1f%n", ceilings.combined());
        out.printf(Locale.ROOT, "  batch             %10.1f   (%.0f%% full)%n", batches.size(), 100 * batches.fill());
        out.printf(Locale.ROOT, "  CPU ms/image      %10.3f%n", cpuMillis());
        out.printf(
                Locale.ROOT,
                "  latency ms        %10.1f p50  %10.1f p95  %10.1f p99%s%n",
                latency(50),
                latency(95),
                latency(99),
                rate > 0 ? "" : "   (of a backlog: the time in it counts)");
    }

    private double latency(double percentile) {
        return rounded(seen.latencyMicros().getValueAtPercentile(percentile) / 1000.0, 1);
    }

    private double cpuMillis() {
        return seen.cpuNanos() / 1e6 / seen.images();
    }

    private static double rounded(double value, int digits) {
        double scale = Math.pow(10, digits);
        return Math.round(value * scale) / scale;
    }
}
