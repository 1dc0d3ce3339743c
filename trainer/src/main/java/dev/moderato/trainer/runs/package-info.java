/** Receives flagged images and a serving bundle; hands on a candidate that passed the gate, with its report either way. */
@NullMarked
package dev.moderato.trainer.runs;

import org.jspecify.annotations.NullMarked;
