package dev.moderato.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moderato.cli.CommandLineRun;
import dev.moderato.cli.JsonLine;
import dev.moderato.cli.model.SharedFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is measured is said with what it was measured on; how fast it is, is nobody's business here. */
class EncodeBenchTest {
    @TempDir
    Path folder = Path.of("");

    @Test
    void printsWhatItMeasured() throws IOException {
        String bundle = folder.resolve("tiny").toString();
        CommandLineRun.of("model", "import", SharedFiles.tinyClip().toString(), "--out", bundle);
        CommandLineRun run = CommandLineRun.of(
                "bench", "encode", "--model", bundle, "--device", "cpu", "--batch", "1,3", "--seconds", "1", "--json");
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.outLines()).hasSize(2);
        JsonNode line = JsonLine.read(run.outLines().get(1));
        assertThat(line.path("model").asText()).isEqualTo("tiny");
        assertThat(line.path("device").asText()).isEqualTo("cpu");
        assertThat(line.path("provider").asText()).isEqualTo("CPUExecutionProvider");
        assertThat(line.path("precision").asText()).isEqualTo("fp32");
        assertThat(line.path("batch").asInt()).isEqualTo(3);
        assertThat(line.path("rounds").asInt()).isGreaterThanOrEqualTo(5);
        double rate = line.path("imagesPerSecond").asDouble();
        double bare = line.path("bareImagesPerSecond").asDouble();
        assertThat(rate).isPositive();
        assertThat(line.path("ratio").asDouble()).isEqualTo(rate / bare);
        assertThat(line.path("batchMs").path("p50").asDouble())
                .isLessThanOrEqualTo(line.path("batchMs").path("p99").asDouble());
    }

    @Test
    void refusesWhatItCannotMeasure() {
        CommandLineRun fixed = CommandLineRun.of("bench", "encode", "--encoder", "fixed:20ms/64");
        assertThat(fixed.exit()).isEqualTo(2);
        assertThat(fixed.err())
                .startsWith("moderato bench encode: --encoder fixed:20ms/64 encodes nothing: it is for bench stream");
        CommandLineRun unknown = CommandLineRun.of("bench", "encode", "--encoder", "random:vit-x");
        assertThat(unknown.exit()).isEqualTo(2);
        assertThat(unknown.err()).contains("there is no architecture 'vit-x'");
        assertThat(CommandLineRun.of("bench", "encode", "--batch", "0").exit()).isEqualTo(2);
    }
}
