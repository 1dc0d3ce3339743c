package dev.moderato.streams.policies;

import dev.moderato.events.PolicyPublished;
import dev.moderato.inference.policy.ParsedPolicy;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyEdit;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.Templates;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the prompt folder and publishes what is valid, tested and changed. A file publishes only over the version that
 * it last held itself: what somebody else published in between is reported, not overwritten. A broken or deleted file
 * changes nothing: a policy in use is retired explicitly.
 */
public final class PolicyPublisher implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PolicyPublisher.class);
    private static final long LOOK_MILLIS = 100;

    private final PolicyFolder folder;
    private final PolicyGate gate;
    private final PolicyLog policyLog;
    private final PolicyListener listener;
    private final String publisher;
    /** The policy that each file held when it was last valid. */
    private final Map<String, String> names = new HashMap<>();
    /** By policy: the version that this folder last held, once the topic had it too. */
    private final Map<String, String> held = new HashMap<>();

    private final Thread thread;
    private volatile boolean closing;

    /**
     * Starts to watch.
     *
     * @param watched the folder
     * @param quiet how long nothing must change before an edit is read
     * @param policyLog closed with this
     */
    public PolicyPublisher(
            Path watched, Duration quiet, PolicyLog policyLog, PolicyGate gate, PolicyListener listener) {
        this.folder = new PolicyFolder(watched, quiet.toNanos());
        this.gate = gate;
        this.policyLog = policyLog;
        this.listener = listener;
        this.publisher = "folder " + watched.getFileName();
        this.thread = new Thread(this::watch, "policies-watch");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        closing = true;
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        policyLog.close();
    }

    private void watch() {
        boolean again = false;
        while (!closing) {
            try {
                Thread.sleep(LOOK_MILLIS);
                if (!gate.isReady()) {
                    continue;
                }
                if (folder.changed() || again) {
                    again = true;
                    publishAll(folder.read());
                    again = false;
                }
            } catch (InterruptedException e) {
                return;
            } catch (IOException e) {
                listener.refused(folder.path().toString(), "the folder cannot be read: " + e);
            } catch (RuntimeException e) {
                if (!closing) {
                    log.warn("policies were not published, trying again: {}", e.toString());
                }
            }
        }
    }

    private void publishAll(Map<String, String> texts) {
        PolicyLog.State state = policyLog.read();
        Map<String, String> before = Map.copyOf(names);
        names.keySet().retainAll(texts.keySet());
        Map<String, String> fileOf = new HashMap<>();
        texts.forEach((file, text) -> {
            ParsedPolicy parsed = PolicyParser.parse(text, file, templates());
            String errors = PolicyGate.errors(parsed.diagnostics());
            if (errors != null) {
                listener.refused(file, errors);
                return;
            }
            Policy policy = parsed.orElseThrow();
            String other = fileOf.putIfAbsent(policy.name(), file);
            if (other != null) {
                listener.refused(
                        file, "policy " + policy.name() + " is already in " + other + ": name one of them otherwise");
                return;
            }
            names.put(file, policy.name());
            publish(file, text, parsed, state);
        });
        before.forEach((file, name) -> {
            if (!names.containsValue(name)) {
                listener.gone(file, name);
            }
        });
    }

    private void publish(String file, String text, ParsedPolicy parsed, PolicyLog.State state) {
        Policy policy = parsed.orElseThrow();
        String name = policy.name();
        if (policy.version().equals(state.version(name))) {
            held.put(name, policy.version());
            listener.unchanged(file, name);
            return;
        }
        String reason = gate.whyNot(parsed, folder.path());
        if (reason != null) {
            listener.refused(file, reason);
            return;
        }
        String seen = seen(policy, state);
        try {
            policyLog.publish(
                    new PolicyPublished(
                            name,
                            policy.version(),
                            PolicyEdit.selfContained(text, templates()),
                            seen,
                            publisher,
                            Instant.now().truncatedTo(ChronoUnit.MILLIS)),
                    seen);
            held.put(name, policy.version());
            listener.published(file, name, policy.version());
        } catch (PolicyConflictException e) {
            listener.refused(file, String.valueOf(e.getMessage()));
        }
    }

    /**
     * The version that is to be replaced: the one that this folder last held. After a restart: what was last published from
     * this folder, unless what the file holds is older. A policy that was retired is not revived.
     */
    private @Nullable String seen(Policy policy, PolicyLog.State state) {
        String name = policy.name();
        String before = held.get(name);
        if (before != null) {
            return before;
        }
        PolicyPublished current = state.current().get(name);
        boolean older = state.archive().containsKey(name + "@" + policy.version());
        if (current == null) {
            return older ? policy.version() : null;
        }
        return current.getPublisher().equals(publisher) && !older ? current.getVersion() : null;
    }

    private Templates templates() {
        return Templates.inFolder(folder.path().resolve("templates"));
    }
}
