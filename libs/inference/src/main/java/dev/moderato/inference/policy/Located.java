package dev.moderato.inference.policy;

/** A value and where it was written. */
record Located<T>(T value, Position at) {}
