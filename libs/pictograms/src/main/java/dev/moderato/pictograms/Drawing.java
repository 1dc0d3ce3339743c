package dev.moderato.pictograms;

import java.awt.BasicStroke;
import java.awt.geom.AffineTransform;
import java.awt.geom.Area;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.List;

/**
 * A thing as vector areas, centred on the origin and one unit wide and high.
 *
 * @param parts painted in this order
 * @param silhouette everything that the parts cover
 * @param outline the silhouette, grown on all sides by the width of a pen
 */
record Drawing(List<Part> parts, Path2D silhouette, Path2D outline) {
    private static final float PEN = 0.055f;

    /** Moves and scales the parts so that together they just fill the unit square, whatever the grid they were drawn on. */
    static Drawing fit(List<Part> parts) {
        Rectangle2D box = cover(parts).getBounds2D();
        double scale = 1 / Math.max(box.getWidth(), box.getHeight());
        var fit = AffineTransform.getScaleInstance(scale, scale);
        fit.translate(-box.getCenterX(), -box.getCenterY());
        return of(parts.stream()
                .map(part -> new Part(part.tone(), new Path2D.Float(part.area(), fit)))
                .toList());
    }

    private static Area cover(List<Part> parts) {
        var all = new Area();
        for (Part part : parts) {
            all.add(new Area(part.area()));
        }
        return all;
    }

    private static Drawing of(List<Part> parts) {
        Area all = cover(parts);
        var silhouette = new Path2D.Float(all);
        var stroke = new BasicStroke(PEN, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
        var grown = new Area(stroke.createStrokedShape(silhouette));
        grown.add(all);
        return new Drawing(parts, silhouette, new Path2D.Float(grown));
    }
}
