package dev.moderato.trainer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.Device;
import dev.moderato.inference.clip.EncoderSettings;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.Templates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The shipped encoder reads pictures that nobody has drawn before as well as is said of it. */
class ShippedEncoderTest {
    private static final int IMAGES = 500;

    /** Not the published figures' seed, and no training's. */
    private static final long SEED = PictogramFigures.SEED + 1;

    @Test
    void readsFreshlyDrawnPictures() throws Exception {
        Path root = root();
        Path file = root.resolve("prompts/default.yaml");
        Policy policy = PolicyParser.parse(
                        Files.readString(file), file.toString(), Templates.inFolder(file.resolveSibling("templates")))
                .orElseThrow();
        try (ClipModel model = ClipModel.open(
                ModelBundle.read(root.resolve("models/demo")),
                EncoderSettings.defaults().withDevice(Device.CPU))) {
            Map<String, Double> figures =
                    new PictogramFigures(model, PictogramFigures.templates(), IMAGES, SEED).measure(policy);
            assertThat(figures.get("thing")).as("thing").isGreaterThanOrEqualTo(0.97);
            assertThat(figures.get("heldOutColourAndThing"))
                    .as("colour and thing")
                    .isGreaterThanOrEqualTo(0.92);
            assertThat(figures.get("moderationPrecision")).as("precision").isGreaterThanOrEqualTo(0.95);
            assertThat(figures.get("moderationRecall")).as("recall").isGreaterThanOrEqualTo(0.95);
        }
    }

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("models/demo/bundle.json"))) {
            here = Objects.requireNonNull(here.getParent(), "no models/demo above");
        }
        return here;
    }
}
