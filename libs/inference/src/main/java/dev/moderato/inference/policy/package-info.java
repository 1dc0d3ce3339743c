/** Receives embeddings and policy files; hands on scores with their explanation, and a verdict. */
@NullMarked
package dev.moderato.inference.policy;

import org.jspecify.annotations.NullMarked;
