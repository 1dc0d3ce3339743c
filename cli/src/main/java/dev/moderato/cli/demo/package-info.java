/** Receives nothing but a checkout; hands on a moderated folder of example images and a report to look at. */
@NullMarked
package dev.moderato.cli.demo;

import org.jspecify.annotations.NullMarked;
