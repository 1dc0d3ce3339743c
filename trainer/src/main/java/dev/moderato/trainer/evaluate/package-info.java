/** Receives model bundles and judged images; hands on how good the models are, and whether one may follow another. */
@NullMarked
package dev.moderato.trainer.evaluate;

import org.jspecify.annotations.NullMarked;
