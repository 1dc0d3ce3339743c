package dev.moderato.inference.policy;

import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A place in a file.
 *
 * @param line from 1
 * @param column from 1, in characters
 */
record Position(String file, int line, int column) {
    static Position start(String file) {
        return new Position(file, 1, 1);
    }

    static Position of(String file, Mark mark) {
        return new Position(file, mark.getLine() + 1, mark.getColumn() + 1);
    }

    static Position of(String file, Node node) {
        return node.getStartMark().map(mark -> of(file, mark)).orElseGet(() -> start(file));
    }

    Diagnostic error(String message) {
        return new Diagnostic(file, line, column, Diagnostic.Severity.ERROR, message);
    }

    Diagnostic warning(String message) {
        return new Diagnostic(file, line, column, Diagnostic.Severity.WARNING, message);
    }
}
