package dev.moderato.pictograms;

/**
 * One thing in a scene. Places and sizes are shares of the picture's short side.
 *
 * @param rgb the very shade of the colour, 0xRRGGBB
 * @param x its middle, 0 (left) to 1 (right)
 * @param y its middle, 0 (top) to 1 (bottom)
 * @param size of its longer side
 * @param degrees turned clockwise
 * @param stretch width over height of its box, near 1
 */
public record Figure(
        Thing thing,
        Colour colour,
        int rgb,
        double x,
        double y,
        double size,
        double degrees,
        double stretch,
        boolean mirrored) {
    Figure turnedBy(double angle) {
        return new Figure(thing, colour, rgb, x, y, size, degrees + angle, stretch, mirrored);
    }
}
