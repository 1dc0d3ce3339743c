package dev.moderato.inference.clip;

import dev.moderato.inference.image.Preprocessing;
import java.util.List;
import java.util.Objects;

/**
 * What the model gave for one fixed image and one fixed text when the bundle was made, so that every machine can check
 * that it computes the same.
 *
 * @param ids of {@link #TEXT}
 * @param image the unit embedding of {@link #crop}
 * @param text the unit embedding of {@link #TEXT}
 */
record Probe(List<Integer> ids, List<Float> image, List<Float> text) {
    static final String TEXT = "A photo of a small red boat, isn't it? #42 — café";

    Probe {
        ids = List.copyOf(Objects.requireNonNull(ids, "probe.ids is missing"));
        image = List.copyOf(Objects.requireNonNull(image, "probe.image is missing"));
        text = List.copyOf(Objects.requireNonNull(text, "probe.text is missing"));
    }

    /** A picture with edges, gradients and every channel in use, from integers alone. */
    static byte[] crop(Preprocessing preprocessing) {
        int width = preprocessing.width();
        int height = preprocessing.height();
        byte[] crop = new byte[preprocessing.cropBytes()];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                boolean tile = (8 * x / width + 8 * y / height) % 2 == 0;
                crop[at++] = (byte) (255 * x / width);
                crop[at++] = (byte) (tile ? 255 * y / height : 200);
                crop[at++] = (byte) ((x * y + 31 * x) & 0xff);
            }
        }
        return crop;
    }
}
