/** Receives a reference to an image; hands on its bytes, fetched under one set of rules against request forgery. */
@NullMarked
package dev.moderato.content;

import org.jspecify.annotations.NullMarked;
