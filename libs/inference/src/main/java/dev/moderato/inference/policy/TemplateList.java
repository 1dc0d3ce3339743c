package dev.moderato.inference.policy;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** The prompt ensemble of a policy: written in place or called by name. */
final class TemplateList {
    static final String SLOT = "{}";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]*");

    private TemplateList() {}

    /** The templates of a {@code templates:} value. */
    static List<Located<String>> read(NodeReader in, Node node, Templates templates, List<Diagnostic> found) {
        if (!NodeReader.isText(node)) {
            return checked(in.texts(node, "templates"), in.at(node), found);
        }
        Located<String> name = in.text(node, "templates");
        if (name == null) {
            return List.of();
        }
        if (name.value().contains(SLOT)) {
            found.add(name.at().error("templates is one text: write a list, [\"" + name.value() + "\"]"));
            return List.of();
        }
        Templates.@Nullable Source source = NAME.matcher(name.value()).matches() ? templates.find(name.value()) : null;
        if (source == null) {
            found.add(name.at()
                    .error("unknown template list '" + name.value() + "'"
                            + Nearest.advice(name.value(), templates.names())));
            return List.of();
        }
        Node root = YamlText.compose(source.file(), source.text(), found);
        if (root == null) {
            return List.of();
        }
        NodeReader list = new NodeReader(source.file(), found);
        return checked(list.texts(root, "the template list"), list.at(root), found);
    }

    private static List<Located<String>> checked(List<Located<String>> templates, Position at, List<Diagnostic> found) {
        if (templates.isEmpty() && found.stream().noneMatch(Diagnostic::isError)) {
            found.add(at.error("templates is empty: leave it out to encode prompts as they stand"));
        }
        for (Located<String> template : templates) {
            int slot = template.value().indexOf(SLOT);
            if (slot < 0 || template.value().indexOf(SLOT, slot + 1) >= 0) {
                found.add(template.at()
                        .error("the template \"" + template.value() + "\" needs exactly one {} where the prompt goes"));
            }
        }
        return templates;
    }
}
