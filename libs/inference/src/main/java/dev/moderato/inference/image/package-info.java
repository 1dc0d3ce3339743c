/** Receives the bytes of an image file; hands on uint8 RGB crops of the size that an encoder takes, or an
 * {@link dev.moderato.inference.image.ImageRejected}. */
@NullMarked
package dev.moderato.inference.image;

import org.jspecify.annotations.NullMarked;
