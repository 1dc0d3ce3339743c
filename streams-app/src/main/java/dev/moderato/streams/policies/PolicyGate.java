package dev.moderato.streams.policies;

import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyTests;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Decides whether a valid policy may be published. */
public interface PolicyGate {
    /** Whether it can decide yet: its tests may need a model that is still being loaded. */
    boolean isReady();

    /**
     * What speaks against publishing, in one line; null where nothing does.
     *
     * @param folder what the paths of the policy's tests are relative to
     */
    @Nullable
    String whyNot(Policy policy, Path folder);

    /** Lets every valid policy through. */
    static PolicyGate open() {
        return new PolicyGate() {
            @Override
            public boolean isReady() {
                return true;
            }

            @Override
            public @Nullable String whyNot(Policy policy, Path folder) {
                return null;
            }
        };
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
