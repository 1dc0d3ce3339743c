package dev.moderato.cli.policy;

import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyTests;
import dev.moderato.streams.policies.PolicyGate;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Runs a policy's own tests on a model in this process. */
record LocalTests(LocalModel model) implements PolicyGate {
    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public @Nullable String whyNot(Policy policy, Path folder) {
        if (policy.tests().isEmpty() || !model.bundle().trained()) {
            return null;
        }
        return PolicyGate.failures(PolicyTests.run(model.compile(policy), image -> model.embed(folder.resolve(image))));
    }
}
