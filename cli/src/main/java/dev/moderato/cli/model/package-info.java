/** Receives a model's files, texts and images by name; hands on bundles, and what a bundle makes of each input. */
@NullMarked
package dev.moderato.cli.model;

import org.jspecify.annotations.NullMarked;
