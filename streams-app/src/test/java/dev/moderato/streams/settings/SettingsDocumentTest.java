package dev.moderato.streams.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docs/settings.md} is written from the settings themselves. */
class SettingsDocumentTest {
    private static final Path PUBLISHED = Path.of("..", "docs", "settings.md");
    private static final Path PRESENT = Path.of("target", "settings.md");

    @Test
    void theDocumentIsUpToDate() throws IOException {
        Files.writeString(PRESENT, document());
        assertThat(PUBLISHED)
                .as("docs/settings.md follows the settings: cp streams-app/target/settings.md docs/settings.md")
                .hasSameTextualContentAs(PRESENT);
    }

    private static String document() {
        StringBuilder text = new StringBuilder("""
                # Settings of the moderation service

                Given in a `.properties` or `.yaml` file (`--config FILE`), in the environment (`batch.max` is `MODERATO_BATCH_MAX`),
                or one by one (`--set batch.max=16`); a later one of these wins. Every problem in them is reported at the start, in one go.
                Sizes take `B`, `KiB`, `MiB` or `GiB`; times take `ms`, `s`, `min` or `h`.

                | setting | unit | default | what it does |
                |---|---|---|---|
                """);
        for (AppSettings.Entry entry : AppSettings.entries()) {
            text.append("| `")
                    .append(entry.key())
                    .append("` | ")
                    .append(entry.unit().replace("|", ", "))
                    .append(" | ")
                    .append(entry.fallback())
                    .append(" | ")
                    .append(entry.meaning())
                    .append(" |\n");
        }
        return text.toString();
    }
}
