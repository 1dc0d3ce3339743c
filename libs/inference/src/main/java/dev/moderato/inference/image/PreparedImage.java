package dev.moderato.inference.image;

import java.util.List;

/**
 * An image as an encoder takes it.
 *
 * @param frames one crop a frame, at least one: uint8 RGB, height × width × 3, channel last, rows from the top
 */
public record PreparedImage(ImageInfo info, List<byte[]> frames) {
    public PreparedImage {
        frames = List.copyOf(frames);
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("an image has at least one frame");
        }
    }
}
