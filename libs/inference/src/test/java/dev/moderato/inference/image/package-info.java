@NullMarked
package dev.moderato.inference.image;

import org.jspecify.annotations.NullMarked;
