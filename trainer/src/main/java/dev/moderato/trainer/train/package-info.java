/**
 * Trains the two towers of a CLIP model by running their ONNX graphs with libtorch. Receives ONNX files, a recipe and batches of
 * preprocessed images and token ids; hands on one report a step and ONNX files with the trained weights. The only user of libtorch.
 */
@NullMarked
package dev.moderato.trainer.train;

import org.jspecify.annotations.NullMarked;
