/**
 * The recipe of a training run: a small YAML file. Receives its text; hands on one validated {@link
 * dev.moderato.trainer.recipe.Recipe}, or every mistake with its line, column and what to write instead.
 */
@NullMarked
package dev.moderato.trainer.recipe;

import org.jspecify.annotations.NullMarked;
