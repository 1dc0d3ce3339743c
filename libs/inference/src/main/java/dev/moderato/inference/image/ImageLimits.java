package dev.moderato.inference.image;

import dev.moderato.inference.image.ImageRejected.Reason;
import java.time.Duration;

/**
 * What a file may cost before it is rejected. All of it is checked against the file's header, before any pixel is decoded.
 *
 * @param maxBytes of the file
 * @param maxPixels width × height
 * @param maxSide pixels of the longer side
 * @param maxFrames of an animation; a longer one is rejected, whatever number of its frames is wanted
 * @param maxMetadataBytes of everything in the file that is not pixels (EXIF, colour profiles, comments)
 * @param memoryBudgetBytes for the decoded pixels of all images in flight; a decode waits for its share
 * @param maxWaiting decodes that may wait for memory at a time; a further one is rejected
 * @param maxWait how long a decode waits for its share of the memory before it is rejected
 */
public record ImageLimits(
        long maxBytes,
        long maxPixels,
        int maxSide,
        int maxFrames,
        int maxMetadataBytes,
        long memoryBudgetBytes,
        int maxWaiting,
        Duration maxWait) {

    private static final long MIB = 1 << 20;
    /** An animation may have as many pixels, in all frames that are decoded, as two still images. */
    private static final int ANIMATION = 2;

    public ImageLimits {
        require("maxBytes", maxBytes, Integer.MAX_VALUE);
        require("maxPixels", maxPixels, Integer.MAX_VALUE / 4);
        require("maxSide", maxSide, 65_535);
        require("maxFrames", maxFrames, Integer.MAX_VALUE);
        require("maxMetadataBytes", maxMetadataBytes, Integer.MAX_VALUE);
        require("memoryBudgetBytes", memoryBudgetBytes, Long.MAX_VALUE);
        require("maxWaiting", maxWaiting, Integer.MAX_VALUE);
        if (maxWait.isNegative()) {
            throw new IllegalArgumentException("maxWait must not be negative, but is " + maxWait);
        }
    }

    /** 32 MiB, 50 megapixels, sides to 16,384, 500 frames, 4 MiB of metadata, 1 GiB of memory, 256 waiting 30 s. */
    public static ImageLimits defaults() {
        return new ImageLimits(
                32 * MIB, 50_000_000, 16_384, 500, (int) (4 * MIB), 1024 * MIB, 256, Duration.ofSeconds(30));
    }

    /** @throws ImageRejected TOO_MANY_PIXELS, or CORRUPT for an empty image */
    void checkSize(ImageFormat format, long width, long height) throws ImageRejected {
        if (width < 1 || height < 1) {
            throw new ImageRejected(Reason.CORRUPT, "the " + format + " is " + width + "x" + height + " pixels");
        }
        if (width > maxSide || height > maxSide) {
            throw new ImageRejected(
                    Reason.TOO_MANY_PIXELS,
                    "the " + format + " is " + width + "x" + height + " pixels; a side may have " + maxSide);
        }
        if (width * height > maxPixels) {
            throw new ImageRejected(
                    Reason.TOO_MANY_PIXELS,
                    "the " + format + " is " + width + "x" + height + " = " + width * height + " pixels; at most "
                            + maxPixels + " are allowed");
        }
    }

    /** @throws ImageRejected TOO_MUCH_METADATA */
    void checkMetadata(long bytes) throws ImageRejected {
        if (bytes > maxMetadataBytes) {
            throw new ImageRejected(
                    Reason.TOO_MUCH_METADATA,
                    "more than " + maxMetadataBytes + " bytes of the file are not pixels (EXIF, profiles, comments)");
        }
    }

    /** @throws ImageRejected TOO_MANY_FRAMES */
    void checkFrames(long frames) throws ImageRejected {
        if (frames > maxFrames) {
            throw new ImageRejected(Reason.TOO_MANY_FRAMES, "the animation has more than " + maxFrames + " frames");
        }
    }

    /**
     * What composing an animation's frames up to the last one wanted may cost.
     *
     * @param pixels of all these frames together
     * @throws ImageRejected TOO_MANY_PIXELS
     */
    void checkAnimation(long pixels) throws ImageRejected {
        if (pixels > ANIMATION * maxPixels) {
            throw new ImageRejected(
                    Reason.TOO_MANY_PIXELS,
                    "the animation's frames have " + pixels + " pixels up to the last one wanted; at most "
                            + ANIMATION * maxPixels + " are allowed");
        }
    }

    private static void require(String name, long value, long max) {
        if (value < 1 || value > max) {
            throw new IllegalArgumentException(name + " must be 1 to " + max + ", not " + value);
        }
    }
}
