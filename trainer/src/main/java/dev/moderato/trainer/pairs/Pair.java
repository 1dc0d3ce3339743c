package dev.moderato.trainer.pairs;

import java.nio.file.Path;

/**
 * One row of a file of pairs.
 *
 * @param line where it is in the file, from 1
 * @param image the image's file
 * @param caption what the image shows
 */
public record Pair(int line, Path image, String caption) {}
