package dev.moderato.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The published description is what the schemas and the topic catalogue say. */
class AsyncApiTest {
    private static final Path PUBLISHED = Path.of("..", "asyncapi.yaml");
    private static final Path PRESENT = Path.of("target", "asyncapi.yaml");

    @Test
    void theDescriptionIsUpToDate() throws IOException {
        String present = new AsyncApi(Topics.defaults()).yaml();
        Files.createDirectories(PRESENT.toAbsolutePath().getParent());
        Files.writeString(PRESENT, present);

        assertThat(PUBLISHED)
                .as("asyncapi.yaml follows the schemas and the topics: cp schemas/target/asyncapi.yaml asyncapi.yaml")
                .hasContent(present);
    }
}
