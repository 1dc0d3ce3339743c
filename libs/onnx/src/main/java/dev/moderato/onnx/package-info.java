/** Receives ONNX files; hands on their protobuf form, and writes it back. */
@NullMarked
package dev.moderato.onnx;

import org.jspecify.annotations.NullMarked;
