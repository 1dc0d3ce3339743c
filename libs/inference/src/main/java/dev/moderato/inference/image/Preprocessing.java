package dev.moderato.inference.image;

import java.util.List;

/**
 * What a model was trained to see: how an image becomes its input. It comes from the model's bundle.
 *
 * @param width pixels of the encoder's input, 1 to 4096
 * @param height pixels, likewise
 * @param resizeTo the side in pixels that {@link ResizeMode#SHORTEST_SIDE} aims at before the crop; the other modes aim at
 *     width × height and ignore it
 * @param rescale what a uint8 value is multiplied by, 1/255 for CLIP
 * @param mean of red, green and blue after rescaling
 * @param std likewise, each positive
 */
public record Preprocessing(
        int width,
        int height,
        ResizeMode resize,
        int resizeTo,
        CropRule crop,
        Interpolation interpolation,
        Convert convert,
        double rescale,
        List<Float> mean,
        List<Float> std) {

    private static final int MAX_SIDE = 4096;
    private static final int CHANNELS = 3;

    /** How the image is brought to the encoder's size. */
    public enum ResizeMode {
        /** The shortest side becomes {@code resizeTo}, the other int(resizeTo · long / short); then a centre crop. */
        SHORTEST_SIDE,
        /** Straight to width × height, whatever the shape. */
        SQUASH,
        /** The whole image fits inside width × height; the rest is black. */
        PAD
    }

    /** Where the centre crop starts when (length − crop) is odd. */
    public enum CropRule {
        /** Rounded down, as Hugging Face does. */
        FLOOR,
        /** Rounded half to even, as torchvision does. */
        ROUND
    }

    /** Pillow's resampling filters, all of them antialiased but NEAREST. */
    public enum Interpolation {
        NEAREST,
        BOX,
        BILINEAR,
        HAMMING,
        BICUBIC,
        LANCZOS
    }

    /** Whether the image becomes RGB before it is resized. The two differ for palettes and for transparency. */
    public enum Convert {
        /** As Hugging Face does: convert, then resize. */
        BEFORE_RESIZE,
        /** As open_clip does: resize in the file's own mode (a palette by NEAREST, RGBA premultiplied), then convert. */
        AFTER_RESIZE
    }

    public Preprocessing {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        requireSide("width", width);
        requireSide("height", height);
        requireSide("resizeTo", resizeTo);
        if (!(rescale > 0) || Double.isInfinite(rescale)) {
            throw new IllegalArgumentException("rescale must be a positive number, not " + rescale);
        }
        if (mean.size() != CHANNELS || !mean.stream().allMatch(Float::isFinite)) {
            throw new IllegalArgumentException("mean must be three finite numbers, not " + mean);
        }
        if (std.size() != CHANNELS || !std.stream().allMatch(s -> s > 0 && Float.isFinite(s))) {
            throw new IllegalArgumentException("std must be three positive numbers, not " + std);
        }
    }

    /** OpenAI CLIP's own preprocessing for a square input, as Hugging Face runs it. */
    public static Preprocessing clip(int side) {
        return new Preprocessing(
                side,
                side,
                ResizeMode.SHORTEST_SIDE,
                side,
                CropRule.FLOOR,
                Interpolation.BICUBIC,
                Convert.BEFORE_RESIZE,
                1.0 / 255,
                List.of(0.48145467f, 0.4578275f, 0.40821072f),
                List.of(0.26862955f, 0.2613026f, 0.2757771f));
    }

    /** Bytes of one prepared frame: height × width × 3. */
    public int cropBytes() {
        return width * height * CHANNELS;
    }

    /**
     * The encoder's float input: (uint8 · rescale − mean) / std.
     *
     * @param crop uint8 RGB, height × width × 3, channel last
     * @return channel first, 3 × height × width
     */
    public float[] tensor(byte[] crop) {
        if (crop.length != cropBytes()) {
            throw new IllegalArgumentException(
                    "a crop of " + width + "x" + height + " has " + cropBytes() + " bytes, not " + crop.length);
        }
        int plane = width * height;
        float[] tensor = new float[crop.length];
        for (int channel = 0; channel < CHANNELS; channel++) {
            float[] valueOf = normalised(channel);
            for (int pixel = 0; pixel < plane; pixel++) {
                tensor[channel * plane + pixel] = valueOf[crop[pixel * CHANNELS + channel] & 0xff];
            }
        }
        return tensor;
    }

    private float[] normalised(int channel) {
        float[] valueOf = new float[256];
        for (int level = 0; level < valueOf.length; level++) {
            valueOf[level] = ((float) (level * rescale) - mean.get(channel)) / std.get(channel);
        }
        return valueOf;
    }

    private static void requireSide(String name, int side) {
        if (side < 1 || side > MAX_SIDE) {
            throw new IllegalArgumentException(name + " must be 1 to " + MAX_SIDE + " pixels, not " + side);
        }
    }
}
