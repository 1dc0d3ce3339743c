package dev.moderato.pictograms;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;

/**
 * Turns scenes into pixels. Stateless, for any number of threads; equal scenes and sizes give equal pixels. A picture that is
 * not square shows the scene in the square in its middle; only the background goes on to the edges.
 */
public final class Renderer {
    private Renderer() {}

    /**
     * Draws a scene.
     *
     * @param width in pixels, at least 8
     * @param height in pixels, at least 8
     * @return of type {@link BufferedImage#TYPE_INT_RGB}
     */
    public static BufferedImage render(Scene scene, int width, int height) {
        if (width < 8 || height < 8) {
            throw new IllegalArgumentException("a picture needs at least 8 x 8 pixels, not " + width + " x " + height);
        }
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] pixels = pixels(image);
        BackgroundPainter.paint(scene.background(), pixels, width, height);
        paint(scene, image);
        Developer.finish(scene.finish(), scene.seed(), pixels, width, height);
        return scene.finish().jpegQuality() == 0
                ? image
                : Jpeg.roundTrip(image, scene.finish().jpegQuality());
    }

    /** Draws a scene into {@code size * size * 3} bytes: red, green, blue of each pixel, rows from the top. */
    public static byte[] rgb(Scene scene, int size) {
        return bytes(render(scene, size, size));
    }

    static byte[] bytes(BufferedImage image) {
        int[] pixels = pixels(image);
        var bytes = new byte[pixels.length * 3];
        int at = 0;
        for (int pixel : pixels) {
            bytes[at++] = (byte) (pixel >> 16);
            bytes[at++] = (byte) (pixel >> 8);
            bytes[at++] = (byte) pixel;
        }
        return bytes;
    }

    static int[] pixels(BufferedImage image) {
        return ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    }

    private static void paint(Scene scene, BufferedImage image) {
        int side = Math.min(image.getWidth(), image.getHeight());
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
            graphics.translate((image.getWidth() - side) / 2.0, (image.getHeight() - side) / 2.0);
            graphics.scale(side, side);
            AffineTransform unit = graphics.getTransform();
            marks(scene, false, graphics, unit);
            for (Figure figure : scene.figures()) {
                graphics.setTransform(unit);
                graphics.transform(place(figure));
                paint(figure, scene.style(), graphics);
            }
            marks(scene, true, graphics, unit);
        } finally {
            graphics.dispose();
        }
    }

    private static AffineTransform place(Figure figure) {
        var place = AffineTransform.getTranslateInstance(figure.x(), figure.y());
        place.rotate(Math.toRadians(figure.degrees()));
        double width = figure.size() * Math.min(1, figure.stretch());
        double height = figure.size() * Math.min(1, 1 / figure.stretch());
        place.scale(figure.mirrored() ? -width : width, height);
        return place;
    }

    private static void paint(Figure figure, Style style, Graphics2D graphics) {
        Drawing drawing = Drawings.of(figure.thing());
        if (style != Style.FLAT) {
            graphics.setColor(new Color(style == Style.OUTLINED ? Tone.DARK.rgb(0) : 0xffffff));
            graphics.fill(drawing.outline());
        }
        for (Part part : drawing.parts()) {
            graphics.setColor(new Color(part.tone().rgb(figure.rgb())));
            graphics.fill(part.area());
        }
    }

    private static void marks(Scene scene, boolean front, Graphics2D graphics, AffineTransform unit) {
        for (Mark mark : scene.marks()) {
            if (mark.front() == front) {
                graphics.setTransform(unit);
                graphics.transform(MarkShapes.place(mark));
                graphics.setColor(
                        new Color(Rgb.mix(mark.rgb(), scene.background().first(), front ? 0.3 : 0.5)));
                graphics.fill(MarkShapes.of(mark.kind()));
            }
        }
    }
}
