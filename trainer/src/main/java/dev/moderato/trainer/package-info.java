/** Receives feedback and pairs; hands on retrained model bundles. */
@NullMarked
package dev.moderato.trainer;

import org.jspecify.annotations.NullMarked;
