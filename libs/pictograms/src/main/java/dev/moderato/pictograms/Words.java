package dev.moderato.pictograms;

import java.awt.geom.Path2D;
import java.util.List;

/** The words of one line of drawings.txt, read from left to right. */
final class Words {
    private final List<String> words;
    private int position;

    Words(String line) {
        words = List.of(line.split("\\s+"));
    }

    boolean hasNext() {
        return position < words.size();
    }

    String next() {
        if (!hasNext()) {
            throw new IllegalArgumentException("the line ends too early");
        }
        return words.get(position++);
    }

    double number() {
        return Double.parseDouble(next());
    }

    boolean startsPath() {
        return hasNext() && words.get(position).equals("M");
    }

    /** The rest of the line as an SVG path of absolute M, L, Q, C and Z. */
    Path2D path() {
        var path = new Path2D.Double(Path2D.WIND_NON_ZERO);
        while (hasNext()) {
            String command = next();
            switch (command) {
                case "M" -> path.moveTo(number(), number());
                case "L" -> path.lineTo(number(), number());
                case "Q" -> path.quadTo(number(), number(), number(), number());
                case "C" -> path.curveTo(number(), number(), number(), number(), number(), number());
                case "Z" -> path.closePath();
                default -> throw new IllegalArgumentException("unknown path command '" + command + "'");
            }
        }
        return path;
    }
}
