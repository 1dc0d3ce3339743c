/** Receives crops and texts; hands on unit-length embeddings. The only package that knows ONNX Runtime. */
@NullMarked
package dev.moderato.inference.clip;

import org.jspecify.annotations.NullMarked;
