/** Receives settings of a measurement; hands on figures, as a table and as one JSON line. */
@NullMarked
package dev.moderato.cli.bench;

import org.jspecify.annotations.NullMarked;
