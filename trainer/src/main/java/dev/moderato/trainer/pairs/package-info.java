/**
 * The one-shot form of training: a file of images and captions, a bundle and a recipe in, a new bundle out. Every row is used as it
 * stands.
 */
@NullMarked
package dev.moderato.trainer.pairs;

import org.jspecify.annotations.NullMarked;
