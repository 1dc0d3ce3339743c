package dev.moderato.pictograms;

import java.awt.BasicStroke;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.EnumMap;
import java.util.Map;

/** The outlines of clutter, centred on the origin and one unit wide. */
final class MarkShapes {
    private static final Map<Mark.Kind, Path2D> SHAPES = shapes();

    private MarkShapes() {}

    /** The mark in the coordinates of the picture, whose short side is 1. */
    static AffineTransform place(Mark mark) {
        var place = AffineTransform.getTranslateInstance(mark.x(), mark.y());
        place.rotate(Math.toRadians(mark.degrees()));
        place.scale(mark.size(), mark.size());
        return place;
    }

    static Path2D of(Mark.Kind kind) {
        Path2D shape = SHAPES.get(kind);
        if (shape == null) {
            throw new IllegalStateException("no shape for " + kind);
        }
        return shape;
    }

    private static Map<Mark.Kind, Path2D> shapes() {
        var map = new EnumMap<Mark.Kind, Path2D>(Mark.Kind.class);
        for (Mark.Kind kind : Mark.Kind.values()) {
            map.put(kind, new Path2D.Float(shape(kind)));
        }
        return map;
    }

    private static Shape shape(Mark.Kind kind) {
        return switch (kind) {
            case DISC -> new Ellipse2D.Double(-0.5, -0.5, 1, 1);
            case SQUARE -> new Rectangle2D.Double(-0.45, -0.45, 0.9, 0.9);
            case TRIANGLE -> triangle();
            case RING -> new BasicStroke(0.2f).createStrokedShape(new Ellipse2D.Double(-0.4, -0.4, 0.8, 0.8));
            case LINE -> new Rectangle2D.Double(-0.5, -0.03, 1, 0.06);
            case WAVE -> {
                var wave = new Path2D.Double();
                wave.moveTo(-0.5, 0);
                wave.curveTo(-0.2, -0.5, 0.2, 0.5, 0.5, 0);
                yield new BasicStroke(0.06f).createStrokedShape(wave);
            }
        };
    }

    private static Shape triangle() {
        var path = new Path2D.Double();
        path.moveTo(-0.5, 0.45);
        path.lineTo(0.5, 0.45);
        path.lineTo(0, -0.5);
        path.closePath();
        return path;
    }
}
