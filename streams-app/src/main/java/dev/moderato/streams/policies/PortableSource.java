package dev.moderato.streams.policies;

import dev.moderato.inference.policy.ParsedPolicy;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.Templates;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A policy's text as it is published: with the templates in it that the file calls by name. */
final class PortableSource {
    private static final Pattern NAMED = Pattern.compile("(?m)^templates:[ \\t]*[^\\[\\s#][^\\r\\n]*$");

    private PortableSource() {}

    /** The text, or null where it does not mean the same without the folder. */
    static @Nullable String of(String text, Policy policy) {
        if (means(text, policy)) {
            return text;
        }
        String list = policy.templates().stream()
                .map(template -> '"' + template.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
                .collect(Collectors.joining(", ", "templates: [", "]"));
        String inlined = NAMED.matcher(text).replaceFirst(Matcher.quoteReplacement(list));
        return means(inlined, policy) ? inlined : null;
    }

    private static boolean means(String text, Policy policy) {
        ParsedPolicy parsed = PolicyParser.parse(text, policy.name(), Templates.none());
        return parsed.policy() != null && parsed.policy().version().equals(policy.version());
    }
}
