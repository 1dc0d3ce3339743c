/** Receives what to train on and how; hands on the steps of the run, and the folder of the new bundle. */
@NullMarked
package dev.moderato.cli.train;

import org.jspecify.annotations.NullMarked;
