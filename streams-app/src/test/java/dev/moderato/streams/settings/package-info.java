@NullMarked
package dev.moderato.streams.settings;

import org.jspecify.annotations.NullMarked;
