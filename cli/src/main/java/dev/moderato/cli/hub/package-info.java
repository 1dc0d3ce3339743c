/** Receives the name of a model on a Hugging Face-style hub; hands on its files in a folder, each as the hub has it. */
@NullMarked
package dev.moderato.cli.hub;

import org.jspecify.annotations.NullMarked;
