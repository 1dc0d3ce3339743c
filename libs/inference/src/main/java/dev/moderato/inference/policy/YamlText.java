package dev.moderato.inference.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Text to YAML nodes that know their place. Whatever the text is, it ends as a node or as one diagnostic. */
final class YamlText {
    private static final int MAX_CHARACTERS = 1 << 20;

    private YamlText() {}

    /** The root node, or null after adding what is wrong to {@code found}. */
    static @Nullable Node compose(String file, String text, List<Diagnostic> found) {
        Position start = Position.start(file);
        if (text.length() > MAX_CHARACTERS) {
            found.add(start.error("the file has " + text.length() + " characters, more than " + MAX_CHARACTERS));
            return null;
        }
        LoadSettings settings =
                LoadSettings.builder().setLabel(file).setUseMarks(true).build();
        try {
            Node root = new Compose(settings).composeString(text).orElse(null);
            if (root == null) {
                found.add(start.error("the file is empty"));
            }
            return root;
        } catch (MarkedYamlEngineException e) {
            Position at = e.getProblemMark()
                    .or(e::getContextMark)
                    .map(mark -> Position.of(file, mark))
                    .orElse(start);
            String context = e.getContext() == null ? "" : e.getContext() + ": ";
            found.add(at.error("not valid YAML: " + oneLine(context + e.getProblem())));
        } catch (ReaderException e) {
            found.add(at(file, text, e.getPosition()).error("not valid YAML: a control character is not allowed here"));
        } catch (YamlEngineException e) {
            found.add(start.error("not valid YAML: " + oneLine(String.valueOf(e.getMessage()))));
        } catch (StackOverflowError e) {
            found.add(start.error("not valid YAML: nested too deeply"));
        }
        return null;
    }

    private static Position at(String file, String text, int index) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < Math.min(index, text.length()); i++) {
            column++;
            if (text.charAt(i) == '\n') {
                line++;
                column = 1;
            }
        }
        return new Position(file, line, column);
    }

    private static String oneLine(String message) {
        return message.strip().replaceAll("\\s+", " ");
    }
}
