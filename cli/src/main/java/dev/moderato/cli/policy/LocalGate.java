package dev.moderato.cli.policy;

import dev.moderato.inference.policy.ParsedPolicy;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyTests;
import dev.moderato.streams.policies.PolicyGate;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Measures prompts by a model in this process, and runs a policy's own tests on it.
 *
 * @param tests whether the policy's own tests must pass
 */
record LocalGate(LocalModel model, boolean tests) implements PolicyGate {
    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public @Nullable String whyNot(ParsedPolicy valid, Path folder) {
        Policy policy = valid.orElseThrow();
        String errors = PolicyGate.errors(valid, model.tokens());
        if (errors != null
                || !tests
                || policy.tests().isEmpty()
                || !model.bundle().trained()) {
            return errors;
        }
        return PolicyGate.failures(PolicyTests.run(model.compile(policy), image -> model.embed(folder.resolve(image))));
    }
}
