/** Receives topic names and client settings; hands on the topic catalogue and the serdes of its events. */
@NullMarked
package dev.moderato.schemas;

import org.jspecify.annotations.NullMarked;
