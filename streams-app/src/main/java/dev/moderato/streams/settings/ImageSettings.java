package dev.moderato.streams.settings;

import dev.moderato.inference.image.ImageLimits;

/**
 * What an image may be, and how it is read.
 *
 * @param frames most frames of an animation that are scored
 * @param orientation whether the EXIF orientation is applied
 * @param fast whether large JPEGs are decoded at reduced size: faster, and not bit-identical
 */
public record ImageSettings(ImageLimits limits, int frames, boolean orientation, boolean fast) {
    static ImageSettings read(SettingsReader in) {
        ImageLimits standard = ImageLimits.defaults();
        long heap = Runtime.getRuntime().maxMemory();
        return new ImageSettings(
                new ImageLimits(
                        in.bytes("image.bytes", "32 MiB", 1024, Integer.MAX_VALUE, "largest image file"),
                        in.number(
                                "image.pixels",
                                standard.maxPixels(),
                                1,
                                Integer.MAX_VALUE / 4,
                                "pixels",
                                "most pixels of an image"),
                        in.count("image.side", standard.maxSide(), 1, 65_535, "pixels", "longest side of an image"),
                        in.count(
                                "image.frames.max",
                                standard.maxFrames(),
                                1,
                                Integer.MAX_VALUE,
                                "frames",
                                "most frames that an animation may have"),
                        Math.toIntExact(in.bytes(
                                "image.metadata", "4 MiB", 1, Integer.MAX_VALUE, "most bytes of metadata in a file")),
                        in.byRule("as much as the heap")
                                .bytes(
                                        "image.memory",
                                        Math.max(64, heap >> 20) + " MiB",
                                        1 << 20,
                                        1L << 40,
                                        "most memory for decoded pixels at a time"),
                        standard.maxWaiting(),
                        standard.maxWait()),
                in.count("image.frames", 8, 1, 256, "frames", "frames of an animation that are scored, evenly spaced"),
                in.flag("image.orientation", true, "whether the EXIF orientation is applied"),
                in.flag(
                        "image.fast",
                        false,
                        "whether large JPEGs are decoded at reduced size: faster, not bit-identical"));
    }
}
