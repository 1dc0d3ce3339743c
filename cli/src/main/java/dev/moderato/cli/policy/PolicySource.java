package dev.moderato.cli.policy;

import dev.moderato.cli.CommandFailed;
import dev.moderato.events.PolicyPublished;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.Templates;
import dev.moderato.streams.policies.PolicyLog;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds the policy that a person names: a file, {@code NAME} in force, or {@code NAME@VERSION} in the archive. */
final class PolicySource {
    private PolicySource() {}

    /**
     * The policy of this name.
     *
     * @param log asked only where the name is no file
     * @throws CommandFailed where there is none, or it is not valid
     */
    static Policy find(String named, Supplier<PolicyLog.State> log) {
        if (isFile(named)) {
            return PolicyFile.read(Path.of(named)).policy();
        }
        if (named.endsWith(".yaml") || named.endsWith(".yml")) {
            throw CommandFailed.wrongUsage("no such file: " + named);
        }
        PolicyLog.State state = log.get();
        PolicyPublished published = (named.contains("@") ? state.archive() : state.current()).get(named);
        if (published == null) {
            throw CommandFailed.because("no policy " + named + ": it is no file, and the cluster has "
                    + String.join(", ", (named.contains("@") ? state.archive() : state.current()).keySet()));
        }
        return parse(published);
    }

    static boolean isFile(String named) {
        try {
            return Files.isRegularFile(Path.of(named));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** The version that the one in force has replaced; null where it is the first. */
    static @Nullable Policy parent(PolicyPublished current, PolicyLog.State state) {
        PolicyPublished parent =
                current.getParent() == null ? null : state.archive().get(current.getName() + "@" + current.getParent());
        return parent == null ? null : parse(parent);
    }

    private static Policy parse(PolicyPublished published) {
        return PolicyParser.parse(
                        published.getSource(), published.getName() + "@" + published.getVersion(), Templates.none())
                .orElseThrow();
    }
}
