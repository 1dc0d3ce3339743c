package dev.moderato.inference.image;

import dev.moderato.inference.image.ImageRejected.Reason;

/**
 * An image file whose structure was read and found whole and within the limits. No pixel is decoded yet.
 *
 * <p>Decoders never see the file itself: each gets a copy with only the parts that make pixels, so that metadata, however hostile,
 * reaches no native code.
 */
sealed interface ImageFile permits JpegFile, PngFile, WebpFile, GifFile, BmpFile {
    /** What the file says of itself; sizes as stored. */
    ImageInfo stored();

    /** How to turn it upright. */
    Orientation orientation();

    /** Whether its pixels are palette entries or black and white, which {@code convert: after-resize} resizes by NEAREST. */
    boolean paletted();

    /** What decoding this takes. */
    MemoryNeed need(DecodePlan plan);

    /** How many pixels are decoded for this, in all frames that must be. */
    long pixels(DecodePlan plan);

    /**
     * Decodes the wanted frames, in order. A raster is gone once the sink returns.
     *
     * @throws ImageRejected where the pixels are damaged or end early
     */
    void decode(DecodePlan plan, Workspace workspace, FrameSink sink) throws ImageRejected;

    /** Takes one decoded frame after the other. */
    @FunctionalInterface
    interface FrameSink {
        void accept(Raster frame) throws ImageRejected;
    }

    /**
     * Reads a file's structure.
     *
     * @throws ImageRejected where it is no image, not whole, not supported or over a limit
     */
    static ImageFile read(byte[] file, ImageLimits limits) throws ImageRejected {
        if (file.length == 0) {
            throw new ImageRejected(Reason.EMPTY, "the file has no bytes");
        }
        if (file.length > limits.maxBytes()) {
            throw new ImageRejected(
                    Reason.TOO_MANY_BYTES, file.length + " bytes; at most " + limits.maxBytes() + " are allowed");
        }
        ImageFormat format = Signature.of(file);
        FileBytes bytes = new FileBytes(format, file);
        return switch (format) {
            case JPEG -> JpegReader.read(bytes, limits);
            case PNG -> PngReader.read(bytes, limits);
            case WEBP -> WebpReader.read(bytes, limits);
            case GIF -> GifReader.read(bytes, limits);
            case BMP -> BmpReader.read(bytes, limits);
        };
    }
}
