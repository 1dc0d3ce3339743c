package dev.moderato.pictograms;

/**
 * A picture with its caption.
 *
 * @param rgb {@code size * size * 3} bytes: red, green, blue of each pixel, rows from the top; the receiver's to keep
 * @param caption lower case
 * @param scene what the picture was drawn from
 */
@SuppressWarnings("ArrayRecordComponent") // samples are never compared
public record Sample(byte[] rgb, String caption, Scene scene) {}
