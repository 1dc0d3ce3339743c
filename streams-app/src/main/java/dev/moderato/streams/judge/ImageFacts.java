package dev.moderato.streams.judge;

import dev.moderato.inference.image.ImageInfo;

/**
 * What an image file is.
 *
 * @param sha256 of its bytes, lower-case hex
 */
public record ImageFacts(String sha256, ImageInfo info) {}
