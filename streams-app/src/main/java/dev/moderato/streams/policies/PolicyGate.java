package dev.moderato.streams.policies;

import dev.moderato.inference.clip.TokenCounter;
import dev.moderato.inference.policy.Diagnostic;
import dev.moderato.inference.policy.ParsedPolicy;
import dev.moderato.inference.policy.PolicyLint;
import dev.moderato.inference.policy.PolicyTests;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Decides by a model whether a policy may be published. */
public interface PolicyGate {
    /** Whether it can decide yet: the model may still be loading. */
    boolean isReady();

    /**
     * What speaks against publishing, in one line; null where nothing does.
     *
     * @param valid a policy without errors of its own
     * @param folder what the paths of the policy's tests are relative to
     */
    @Nullable
    String whyNot(ParsedPolicy valid, Path folder);

    /** The errors that lie in the text, or that the encoder has with it; null where there is none. */
    static @Nullable String errors(ParsedPolicy parsed, TokenCounter tokens) {
        return errors(PolicyLint.ofTexts().withTokens(tokens).check(parsed));
    }

    /** The errors among them; null where there is none. */
    static @Nullable String errors(List<Diagnostic> diagnostics) {
        String errors = diagnostics.stream()
                .filter(Diagnostic::isError)
                .map(Diagnostic::toString)
                .collect(Collectors.joining("; "));
        return errors.isEmpty() ? null : errors;
    }

    /** How many tests failed, and the first of them; null where all passed. */
    static @Nullable String failures(List<PolicyTests.Result> results) {
        int shown = 3;
        List<String> failed = results.stream()
                .filter(result -> !result.passed())
                .map(PolicyTests.Result::toString)
                .toList();
        if (failed.isEmpty()) {
            return null;
        }
        return failed.size() + " of its " + results.size() + " tests fail: "
                + failed.stream().limit(shown).collect(Collectors.joining("; "))
                + (failed.size() > shown ? "; …" : "");
    }
}
