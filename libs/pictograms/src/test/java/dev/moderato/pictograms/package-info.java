@NullMarked
package dev.moderato.pictograms;

import org.jspecify.annotations.NullMarked;
