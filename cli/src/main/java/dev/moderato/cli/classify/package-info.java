/** Receives labels and image files; hands on CLIP's own zero-shot probabilities. */
@NullMarked
package dev.moderato.cli.classify;

import org.jspecify.annotations.NullMarked;
