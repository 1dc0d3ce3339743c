package dev.moderato.cli.stack;

import dev.moderato.cli.Launch;
import dev.moderato.cli.Logging;
import dev.moderato.cli.PortConverter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The whole stack, running until Ctrl-C. */
@Command(
        name = "up",
        description = "Run a broker, a Schema Registry and the moderation service, until Ctrl-C.",
        footer = {
            "",
            "Records, schemas and policies are kept between runs in --data. Editing a file in --prompts takes effect",
            "within seconds. In another terminal: moderato submit photo.jpg --wait"
        })
public final class UpCommand implements Callable<Integer> {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where the broker keeps its data (default: .moderato/stack in the checkout).")
    @Nullable
    Path data;

    @Mixin
    StackOptions judging = new StackOptions();

    @Option(
            names = "--broker-port",
            paramLabel = "PORT",
            converter = PortConverter.class,
            defaultValue = "9092",
            description = "Port of the broker; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    int brokerPort = 9092;

    @Option(
            names = "--registry-port",
            paramLabel = "PORT",
            converter = PortConverter.class,
            defaultValue = "8081",
            description = "Port of the Schema Registry (default: ${DEFAULT-VALUE}).")
    int registryPort = 8081;

    @Option(
            names = "--ops-port",
            paramLabel = "PORT",
            converter = PortConverter.class,
            defaultValue = "8080",
            description = "Port of /health and /metrics (default: ${DEFAULT-VALUE}).")
    int opsPort = 8080;

    @Option(names = "--config", paramLabel = "FILE", description = "Settings of the service, .properties or .yaml.")
    @Nullable
    Path config;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One setting of the service; may be given several times.")
    Map<String, String> settings = new LinkedHashMap<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Logging.services();
        Launch launch = Launch.read();
        PrintWriter out = spec.commandLine().getOut();
        LocalStack stack = LocalStack.start(new LocalStack.Plan(
                data == null ? launch.stackData() : data,
                brokerPort,
                registryPort,
                opsPort,
                judging.prompts(launch),
                judging.model(launch),
                config,
                settings));
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            out.println("Stopping …");
            out.flush();
            stack.close();
            stopped.countDown();
        }));
        out.println("Moderato is up. Ctrl-C stops it.");
        out.println("  Kafka            " + stack.bootstrapServers());
        out.println("  Schema Registry  " + stack.registryUrl());
        out.println("  Health, metrics  " + stack.opsUrl() + "/health/ready  " + stack.opsUrl() + "/metrics");
        out.println("  Policies         " + judging.prompts(launch) + " (edits take effect)");
        out.println("  Try              moderato submit photo.jpg --wait");
        out.flush();
        stopped.await();
        return 0;
    }
}
