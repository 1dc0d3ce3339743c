/** Receives failures of serdes; hands on whether they are the registry's or the record's. */
@NullMarked
package dev.moderato.streams.registry;

import org.jspecify.annotations.NullMarked;
