/** Receives a seed; hands on drawings of things, with captions and the things that they show. */
@NullMarked
package dev.moderato.pictograms;

import org.jspecify.annotations.NullMarked;
