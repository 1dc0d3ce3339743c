package dev.moderato.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.moderato.cli.CommandLineRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as people start it, from drawing the images to the report. */
class DemoCommandTest {
    @TempDir
    Path folder;

    @Test
    void judgesItsImagesRightAndShowsEachInTheReport() throws IOException {
        Path report = folder.resolve("report.html");
        Path images = folder.resolve("images");

        CommandLineRun run =
                CommandLineRun.of("demo", "--json", "--report", report.toString(), "--images", images.toString());

        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.outLines()).as("one line of JSON").hasSize(1);
        JsonNode figures = new ObjectMapper().readTree(run.out());
        assertThat(figures.fieldNames())
                .toIterable()
                .containsExactly(
                        "images",
                        "results",
                        "failures",
                        "expectedRight",
                        "right",
                        "imagesPerSecond",
                        "p50Ms",
                        "p99Ms",
                        "firstVerdictMs",
                        "model");
        int published = images.toFile().list((in, name) -> !name.equals("manifest.csv")).length;
        assertThat(published).isGreaterThanOrEqualTo(120);
        assertThat(figures.path("images").asInt()).isEqualTo(published);
        assertThat(figures.path("results").asInt() + figures.path("failures").asInt())
                .isEqualTo(published);
        assertThat(figures.path("failures").asInt()).isPositive();
        assertThat(figures.path("right").asInt()).isGreaterThanOrEqualTo((int)
                Math.ceil(0.9 * figures.path("expectedRight").asInt()));
        assertThat(figures.path("model").path("trained").asBoolean()).isTrue();

        String html = Files.readString(report);
        assertThat(html.split("<article", -1)).as("a card each").hasSize(published + 1);
        assertThat(html)
                .contains("class=\"verdict block\"", "class=\"verdict failed\"", "data:image/")
                .doesNotContain("src=\"http", "href=\"http", DemoFigures.UNTRAINED);
    }
}
