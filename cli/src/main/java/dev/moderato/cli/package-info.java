/** Receives command lines; hands on exit codes, tables and JSON lines. */
@NullMarked
package dev.moderato.cli;

import org.jspecify.annotations.NullMarked;
