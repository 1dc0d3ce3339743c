package dev.moderato.inference.policy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The hash of a policy's meaning: everything that can change a score, an outcome or an action, after inheritance, in a
 * canonical order. Comments, layout, the order of keys, descriptions and tests do not count.
 */
final class PolicyVersion {
    private static final int HEX_DIGITS = 16;
    private final StringBuilder canonical = new StringBuilder();

    private PolicyVersion() {}

    /** 16 hexadecimal digits of a SHA-256. */
    static String of(
            String name,
            List<String> templates,
            List<String> neutral,
            List<Label> labels,
            Map<String, Map<String, Rule>> surfaces) {
        PolicyVersion version = new PolicyVersion();
        version.put("policy", name);
        version.put("templates", templates.stream().sorted().toList());
        version.put("neutral", new TreeSet<>(neutral));
        List<Label> sorted =
                labels.stream().sorted(Comparator.comparing(Label::name)).toList();
        for (Label label : sorted) {
            version.put("label", label.name());
            version.put("prompts", new TreeSet<>(label.prompts()));
            version.put("negatives", new TreeSet<>(label.negatives()));
            version.put("shadow", label.shadow());
            version.put(label.rule());
            new TreeMap<>(label.calibration()).forEach((bundle, entry) -> {
                version.put("calibration", bundle);
                version.put("a", entry.a());
                version.put("b", entry.b());
            });
        }
        new TreeMap<>(surfaces).forEach((surface, rules) -> {
            version.put("surface", surface);
            for (Label label : sorted) {
                Rule rule = rules.getOrDefault(label.name(), label.rule());
                if (!rule.equals(label.rule())) {
                    version.put("override", label.name());
                    version.put(rule);
                }
            }
        });
        return version.hash();
    }

    private void put(Rule rule) {
        put("review", rule.review());
        put("block", rule.block());
        put("reviewAction", rule.reviewAction());
        put("blockAction", rule.blockAction());
    }

    private void put(String key, Collection<String> values) {
        put(key, values.size());
        values.forEach(value -> put("-", value));
    }

    /** Lengths before texts keep one meaning from spelling another. */
    private void put(String key, @Nullable Object value) {
        String text =
                value == null ? "" : value instanceof Double number ? Double.toString(number + 0.0) : value.toString();
        canonical
                .append(key)
                .append(' ')
                .append(value == null ? -1 : text.length())
                .append(' ')
                .append(text)
                .append('\n');
    }

    private String hash() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(canonical.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash).substring(0, HEX_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
