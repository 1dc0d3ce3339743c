package dev.moderato.streams.settings;

/**
 * What an image may be.
 *
 * @param frames most frames of an animation that are scored
 * @param orientation whether the EXIF orientation is applied
 */
public record ImageSettings(long maxBytes, long maxPixels, int maxSide, int frames, boolean orientation) {
    static ImageSettings read(SettingsReader in) {
        return new ImageSettings(
                in.bytes("image.bytes", "16 MiB", 1024, 1L << 31, "largest image file"),
                in.number("image.pixels", 64_000_000, 1, 1L << 31, "pixels", "most pixels of an image"),
                in.count("image.side", 20_000, 1, 1 << 20, "pixels", "longest side of an image"),
                in.count("image.frames", 8, 1, 256, "frames", "most frames of an animation that are scored"),
                in.flag("image.orientation", true, "whether the EXIF orientation is applied"));
    }
}
