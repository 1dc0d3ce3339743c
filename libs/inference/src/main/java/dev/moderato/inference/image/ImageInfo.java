package dev.moderato.inference.image;

/**
 * What an image file says of itself.
 *
 * @param width pixels, as a person sees the image (after its EXIF orientation, where that is applied)
 * @param height pixels, likewise
 * @param frames 1 for a still image, else the number of frames of the animation
 */
public record ImageInfo(ImageFormat format, int width, int height, int frames) {}
