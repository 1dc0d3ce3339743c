package dev.moderato.pictograms;

import java.awt.geom.Path2D;

/** One painted area of a drawing, on the unit square. */
record Part(Tone tone, Path2D area) {}
