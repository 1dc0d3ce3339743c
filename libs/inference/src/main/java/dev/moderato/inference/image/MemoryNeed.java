package dev.moderato.inference.image;

/**
 * What decoding an image takes.
 *
 * @param buffer bytes that are borrowed
 * @param codec bytes that the codec allocates beside them, an upper bound
 */
record MemoryNeed(long buffer, long codec) {}
