package dev.moderato.inference.policy;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of a policy file: a policy, or what is wrong with it. */
public final class ParsedPolicy {
    private final @Nullable Policy policy;
    private final List<Diagnostic> diagnostics;
    private final @Nullable Draft draft;

    ParsedPolicy(@Nullable Policy policy, List<Diagnostic> diagnostics, @Nullable Draft draft) {
        this.policy = policy;
        this.diagnostics = diagnostics.stream()
                .distinct()
                .sorted(Comparator.comparing(Diagnostic::file)
                        .thenComparingInt(Diagnostic::line)
                        .thenComparingInt(Diagnostic::column))
                .toList();
        this.draft = draft;
    }

    /** The policy; null exactly where a diagnostic is an error. */
    public @Nullable Policy policy() {
        return policy;
    }

    /** By file, line and column. */
    public List<Diagnostic> diagnostics() {
        return diagnostics;
    }

    /**
     * The policy, for callers that know the text to be valid.
     *
     * @throws IllegalStateException with every error where it is not
     */
    public Policy orElseThrow() {
        if (policy == null) {
            throw new IllegalStateException(String.join(
                    "\n", diagnostics.stream().map(Diagnostic::toString).toList()));
        }
        return policy;
    }

    @Nullable
    Draft draft() {
        return draft;
    }
}
