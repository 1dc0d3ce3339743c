package dev.moderato.trainer.pairs;

import java.nio.file.Path;

/**
 * One row of a file of pairs.
 *
 * @param line where it is in the file, from 1
 * @param image the image's file
 * @param caption what the image shows
 * @param group pairs of one group show the same thing, in whatever words; the caption where nothing else is said
 * @param keep whether both are to stay as the model sees them, as far as the recipe's anchor holds them
 */
public record Pair(int line, Path image, String caption, String group, boolean keep) {}
