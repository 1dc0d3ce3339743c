package dev.moderato.inference.policy;

import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads policy files. Any text ends as a policy or as diagnostics with their place, never as an exception. */
public final class PolicyParser {
    private PolicyParser() {}

    /**
     * Parses and checks one file.
     *
     * @param origin the file's name for messages
     * @param templates where template lists are that the policy calls by name
     */
    public static ParsedPolicy parse(String text, String origin, Templates templates) {
        List<Diagnostic> found = new ArrayList<>();
        Node root = YamlText.compose(origin, text, found);
        if (root == null) {
            return new ParsedPolicy(null, found, null);
        }
        Draft draft = new DraftReader(new NodeReader(origin, found), templates, found).read(root);
        if (draft == null) {
            return new ParsedPolicy(null, found, null);
        }
        Policy policy = new PolicyMerger(draft, found).merge();
        boolean valid = found.stream().noneMatch(Diagnostic::isError);
        return new ParsedPolicy(valid ? policy : null, found, draft);
    }
}
