/** Receives a configuration file and the environment; hands on one validated record per concern, or every problem at once. */
@NullMarked
package dev.moderato.streams.settings;

import org.jspecify.annotations.NullMarked;
