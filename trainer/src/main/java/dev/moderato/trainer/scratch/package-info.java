/** Receives an architecture file and captioned images; hands on a complete bundle trained from nothing. */
@NullMarked
package dev.moderato.trainer.scratch;

import org.jspecify.annotations.NullMarked;
