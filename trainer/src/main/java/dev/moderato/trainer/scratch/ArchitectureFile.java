package dev.moderato.trainer.scratch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Reads an architecture file:
 *
 * <pre>
 * embedding: 128
 * image: {kind: convnet, size: 64, stemWidth: 32, stemStride: 2, widths: [64, 128, 256], blocks: [1, 1, 1]}
 * # or   {kind: vit, size: 224, patch: 32, width: 768, layers: 12, heads: 12}
 * text: {vocabulary: 768, context: 32, width: 128, layers: 2, heads: 4}
 * </pre>
 *
 * Optional in {@code image}: {@code mean} and {@code std}, three numbers each; CLIP's where absent.
 */
public final class ArchitectureFile {
    private static final List<Double> CLIP_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
    private static final List<Double> CLIP_STD = List.of(0.26862954, 0.26130258, 0.27577711);
    private static final int LARGEST = 1 << 16;

    private ArchitectureFile() {}

    /** @throws ArchitectureException naming file, line and what to write instead */
    public static Architecture read(Path file) throws IOException {
        return parse(Files.readString(file), file.toString());
    }

    /** @param origin what the text is called in messages */
    static Architecture parse(String text, String origin) {
        YamlFields root = YamlFields.parse(text, origin);
        root.allowOnly(Set.of("embedding", "image", "text"));
        int embedding = root.integer("embedding", 1, LARGEST);
        YamlFields image = root.fields("image");
        int size = image.integer("size", 8, 4096);
        Architecture.Image tower = image(image, size);
        return new Architecture(
                embedding,
                size,
                image.numbersOr("mean", 3, CLIP_MEAN),
                image.numbersOr("std", 3, CLIP_STD),
                tower,
                text(root.fields("text")));
    }

    private static Architecture.Image image(YamlFields image, int size) {
        String kind = image.word("kind");
        switch (kind) {
            case "convnet" -> {
                image.allowOnly(Set.of("kind", "size", "mean", "std", "stemWidth", "stemStride", "widths", "blocks"));
                List<Integer> widths = image.integers("widths", 1, LARGEST);
                List<Integer> blocks = image.integers("blocks", 1, 100);
                if (widths.isEmpty() || widths.size() != blocks.size()) {
                    throw image.error("blocks", "needs one number for each of the " + widths.size() + " widths");
                }
                return new Architecture.ConvNet(
                        image.integer("stemWidth", 1, LARGEST), image.integer("stemStride", 1, 8), widths, blocks);
            }
            case "vit" -> {
                image.allowOnly(Set.of("kind", "size", "mean", "std", "patch", "width", "layers", "heads"));
                int patch = image.integer("patch", 1, size);
                if (size % patch != 0) {
                    throw image.error("patch", "must divide size " + size + ", which " + patch + " does not");
                }
                return new Architecture.VisionTransformer(
                        patch, image.integer("width", 1, LARGEST), image.integer("layers", 1, 200), heads(image));
            }
            default -> throw image.error("kind", "is '" + kind + "'; write convnet or vit");
        }
    }

    private static Architecture.Text text(YamlFields text) {
        text.allowOnly(Set.of("vocabulary", "context", "width", "layers", "heads"));
        return new Architecture.Text(
                text.integer("vocabulary", BytePairTrainer.SMALLEST_VOCABULARY, 1 << 20),
                text.integer("context", 4, 4096),
                text.integer("width", 1, LARGEST),
                text.integer("layers", 1, 200),
                heads(text));
    }

    private static int heads(YamlFields tower) {
        int width = tower.integer("width", 1, LARGEST);
        int heads = tower.integer("heads", 1, width);
        if (width % heads != 0) {
            throw tower.error("heads", "must divide width " + width + ", which " + heads + " does not");
        }
        return heads;
    }
}
