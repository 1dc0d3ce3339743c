/** Receives arrays; hands on arrays: the numeric loops that are worth vector instructions, each with a scalar twin that
 * gives the same bits. */
@NullMarked
package dev.moderato.kernels;

import org.jspecify.annotations.NullMarked;
