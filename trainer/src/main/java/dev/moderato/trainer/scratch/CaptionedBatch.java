package dev.moderato.trainer.scratch;

/**
 * One step's worth of images and captions.
 *
 * @param pixels [size, 3, side, side], normalised
 * @param ids [size, length], padded with 0 behind the end token
 * @param right [size, size] by image, then caption: 1 where the caption is the image's own, or of the same words
 * @param open [size, size]: 1 where the pair counts neither way
 */
record CaptionedBatch(int size, int length, float[] pixels, long[] ids, float[] right, float[] open) {}
