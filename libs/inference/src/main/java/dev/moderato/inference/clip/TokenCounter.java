package dev.moderato.inference.clip;

/** Tells how much of a text encoder's context a text takes. */
public interface TokenCounter {
    /** The number of tokens of a text, start and end token included, before any truncation. */
    int count(String text);

    /** The encoder's context length: a text with more tokens is truncated. */
    int limit();
}
