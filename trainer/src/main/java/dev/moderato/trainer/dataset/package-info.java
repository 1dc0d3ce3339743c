/**
 * Receives what people said of images, with the images; hands on versioned data sets: without duplicates, split by the image's hash,
 * without what was erased.
 */
@NullMarked
package dev.moderato.trainer.dataset;

import org.jspecify.annotations.NullMarked;
