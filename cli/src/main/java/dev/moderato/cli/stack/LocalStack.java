package dev.moderato.cli.stack;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.cli.cluster.Cluster;
import dev.moderato.devstack.DevStack;
import dev.moderato.devstack.DevStackException;
import dev.moderato.devstack.DevStackSettings;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.policy.Diagnostic;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.Templates;
import dev.moderato.schemas.Topic;
import dev.moderato.schemas.Topics;
import dev.moderato.streams.ModeratorApp;
import dev.moderato.streams.StartException;
import dev.moderato.streams.settings.AppSettings;
import dev.moderato.streams.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Broker, registry and moderation service in one process: all that a person needs to try it. */
public final class LocalStack implements AutoCloseable {
    private final DevStack stack;
    private final ModeratorApp app;
    private final Cluster cluster;

    private LocalStack(DevStack stack, ModeratorApp app, Cluster cluster) {
        this.stack = stack;
        this.app = app;
        this.cluster = cluster;
    }

    /**
     * Where it listens and what it works on.
     *
     * @param data folder that keeps the broker's data; null for one that goes with the stack
     * @param brokerPort on loopback, as the other two; 0 takes any free one
     * @param prompts folder of policies, watched for edits
     * @param model the model bundle to begin with
     * @param file further settings of the service; null for none
     * @param overrides settings that win over the file's
     */
    public record Plan(
            @Nullable Path data,
            int brokerPort,
            int registryPort,
            int opsPort,
            Path prompts,
            ModelBundle model,
            @Nullable Path file,
            Map<String, String> overrides) {}

    /**
     * Starts all three; a moderation is possible once this returns.
     *
     * @throws CommandFailed with the one line that says what is in the way
     */
    public static LocalStack start(Plan plan) throws InterruptedException {
        mustParse(plan.prompts());
        DevStack stack = null;
        try {
            Topics topics = Topics.defaults();
            stack = DevStack.start(new DevStackSettings(
                    plan.data(),
                    plan.brokerPort(),
                    plan.registryPort(),
                    topics.all().stream().map(Topic::request).toList()));
            ModeratorApp app = ModeratorApp.start(AppSettings.load(plan.file(), settings(plan, stack)));
            return new LocalStack(stack, app, Cluster.at(stack.bootstrapServers(), stack.registryUrl(), topics));
        } catch (DevStackException | StartException | SettingsException e) {
            closeAfterFailure(stack);
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException | RuntimeException e) {
            closeAfterFailure(stack);
            throw e;
        }
    }

    /** A bundle on disk. */
    public static ModelBundle bundle(Path folder) {
        try {
            return ModelBundle.read(folder);
        } catch (BundleException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        }
    }

    /** A running service reports a broken file and goes on with what it had; at the start a person is told at once. */
    private static void mustParse(Path prompts) {
        try (Stream<Path> files = Files.list(prompts)) {
            List<Path> policies = files.filter(LocalStack::isPolicy).sorted().toList();
            if (policies.isEmpty()) {
                throw CommandFailed.because("no policies in " + prompts
                        + ": there is no .yaml file (prompts/default.yaml of the checkout is an example)");
            }
            for (Path file : policies) {
                PolicyParser.parse(
                                Files.readString(file),
                                file.toString(),
                                Templates.inFolder(prompts.resolve("templates")))
                        .diagnostics()
                        .stream()
                        .filter(Diagnostic::isError)
                        .findFirst()
                        .ifPresent(error -> {
                            throw CommandFailed.because(error.toString());
                        });
            }
        } catch (IOException e) {
            throw CommandFailed.because("cannot read the policies in " + prompts + ": " + IoReason.of(e), e);
        }
    }

    private static boolean isPolicy(Path file) {
        String name = file.getFileName().toString();
        return (name.endsWith(".yaml") || name.endsWith(".yml")) && !name.startsWith("kustomization.");
    }

    private static Map<String, String> settings(Plan plan, DevStack stack) {
        Map<String, String> settings = new HashMap<>();
        settings.put("kafka.bootstrap", stack.bootstrapServers());
        settings.put("registry.url", stack.registryUrl());
        settings.put("model.bundle", plan.model().folder().toString());
        settings.put("policies.watch", plan.prompts().toString());
        settings.put("ops.port", Integer.toString(plan.opsPort()));
        settings.put("policies.tests", Boolean.toString(plan.model().trained())); // no test holds with random weights
        settings.putAll(plan.overrides());
        return settings;
    }

    private static void closeAfterFailure(@Nullable DevStack stack) {
        if (stack != null) {
            stack.close();
        }
    }

    public Cluster cluster() {
        return cluster;
    }

    /** Where health and metrics are served. */
    public String opsUrl() {
        return "http://127.0.0.1:" + app.opsPort();
    }

    /** For {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return stack.bootstrapServers();
    }

    /** For {@code schema.registry.url}. */
    public String registryUrl() {
        return stack.registryUrl();
    }

    @Override
    public void close() {
        app.close();
        stack.close();
    }
}
