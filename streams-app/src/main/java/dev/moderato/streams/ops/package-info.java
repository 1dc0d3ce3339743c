/** Receives what the service counts and times; serves health and metrics over HTTP. */
@NullMarked
package dev.moderato.streams.ops;

import org.jspecify.annotations.NullMarked;
