package dev.moderato.pictograms;

/**
 * What camera and network do to a picture, in this order.
 *
 * @param blur radius as a share of the picture's short side
 * @param contrast factor around mid-grey
 * @param brightness levels added
 * @param noise half-width in levels of the noise on every channel
 * @param jpegQuality 1 to 100 for a trip through a JPEG file, 0 for none
 */
record Finish(double blur, double contrast, double brightness, double noise, int jpegQuality) {
    static final Finish CLEAN = new Finish(0, 1, 0, 0, 0);
}
