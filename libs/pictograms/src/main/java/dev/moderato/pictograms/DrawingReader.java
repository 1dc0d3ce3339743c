package dev.moderato.pictograms;

import java.awt.BasicStroke;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads drawings.txt, whose head describes the notation. */
final class DrawingReader {
    private final Map<String, Drawing> drawings = new HashMap<>();
    private List<Part> parts = new ArrayList<>();
    private @Nullable String name;

    private DrawingReader() {}

    /** All drawings by name. */
    static Map<String, Drawing> read(List<String> lines) {
        var reader = new DrawingReader();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                try {
                    reader.line(new Words(line));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("drawings.txt line " + (i + 1) + ": " + e.getMessage(), e);
                }
            }
        }
        reader.finish();
        return Map.copyOf(reader.drawings);
    }

    private void line(Words words) {
        String first = words.next();
        if (!words.hasNext()) {
            finish();
            name = first;
        } else if (first.equals("turn")) {
            var turn = AffineTransform.getRotateInstance(Math.toRadians(words.number()), 50, 50);
            parts.replaceAll(part -> new Part(part.tone(), new Path2D.Float(part.area(), turn)));
        } else if (first.equals("cut")) {
            Part last = parts.remove(parts.size() - 1);
            var rest = new Area(last.area());
            rest.subtract(new Area(shape(words)));
            parts.add(new Part(last.tone(), new Path2D.Float(rest)));
        } else {
            parts.add(new Part(Tone.valueOf(first.toUpperCase(Locale.ROOT)), new Path2D.Float(shape(words))));
        }
    }

    private void finish() {
        if (name != null) {
            drawings.put(name, Drawing.fit(parts));
        }
        parts = new ArrayList<>();
    }

    private static Shape shape(Words words) {
        if (words.startsPath()) {
            return words.path();
        }
        String word = words.next();
        return switch (word) {
            case "flip" -> flip(shape(words));
            case "spin" -> spin((int) words.number(), words.number(), words.number(), shape(words));
            case "rot" ->
                rotation(words.number(), words.number(), words.number()).createTransformedShape(shape(words));
            case "rect" -> rect(words.number(), words.number(), words.number(), words.number(), words);
            case "oval" -> oval(words.number(), words.number(), words.number(), words.number());
            case "star" -> star((int) words.number(), words.number(), words.number(), words.number(), words.number());
            case "stroke" ->
                new BasicStroke((float) words.number(), BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND)
                        .createStrokedShape(words.path());
            default -> throw new IllegalArgumentException("unknown shape or transform '" + word + "'");
        };
    }

    private static AffineTransform rotation(double degrees, double x, double y) {
        return AffineTransform.getRotateInstance(Math.toRadians(degrees), x, y);
    }

    private static Shape flip(Shape shape) {
        var both = new Area(shape);
        both.add(new Area(new AffineTransform(-1, 0, 0, 1, 100, 0).createTransformedShape(shape)));
        return both;
    }

    private static Shape spin(int copies, double x, double y, Shape shape) {
        var all = new Area();
        for (int i = 0; i < copies; i++) {
            all.add(new Area(rotation(360.0 * i / copies, x, y).createTransformedShape(shape)));
        }
        return all;
    }

    private static Shape rect(double x, double y, double width, double height, Words words) {
        if (!words.hasNext()) {
            return new Rectangle2D.Double(x, y, width, height);
        }
        double diameter = 2 * words.number();
        return new RoundRectangle2D.Double(x, y, width, height, diameter, diameter);
    }

    private static Shape oval(double x, double y, double radiusX, double radiusY) {
        return new Ellipse2D.Double(x - radiusX, y - radiusY, 2 * radiusX, 2 * radiusY);
    }

    private static Shape star(int points, double x, double y, double outer, double inner) {
        var path = new Path2D.Double();
        for (int i = 0; i < 2 * points; i++) {
            double angle = Math.PI * i / points - Math.PI / 2;
            double radius = i % 2 == 0 ? outer : inner;
            double px = x + radius * Math.cos(angle);
            double py = y + radius * Math.sin(angle);
            if (i == 0) {
                path.moveTo(px, py);
            } else {
                path.lineTo(px, py);
            }
        }
        path.closePath();
        return path;
    }
}
