package dev.moderato.cli.cluster;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the outcomes that the topics hold. */
@Command(
        name = "results",
        description = "Print the results and failures that the topics hold; with --follow also those to come.",
        footer = {"", "  moderato results --verdict BLOCK", "  moderato results --follow --json | jq .verdict"})
public final class ResultsCommand implements Callable<Integer> {
    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what is committed from now on, until Ctrl-C.")
    boolean follow;

    @Option(names = "--new", description = "Leave out what is there already (with --follow).")
    boolean onlyNew;

    @Option(names = "--verdict", paramLabel = "VERDICT", description = "Only this verdict: ${COMPLETION-CANDIDATES}.")
    dev.moderato.events.@Nullable Verdict verdict;

    @Option(names = "--json", description = "Print JSON lines.")
    boolean json;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    ClusterOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Cluster cluster = options.cluster();
        cluster.mustBeReady();
        PrintWriter out = spec.commandLine().getOut();
        try (OutcomeTail tail = onlyNew ? OutcomeTail.fromNow(cluster) : OutcomeTail.fromStart(cluster)) {
            Thread printing = Thread.currentThread();
            Thread stop = new Thread(() -> {
                tail.wakeup();
                try {
                    printing.join(Duration.ofSeconds(2).toMillis());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            Runtime.getRuntime().addShutdownHook(stop);
            while (!out.checkError() && (follow || !tail.readToTheEnd())) {
                for (Outcome outcome : tail.poll(Duration.ofMillis(200))) {
                    if (isWanted(outcome)) {
                        out.println(json ? OutcomeText.json(outcome) : OutcomeText.words(outcome));
                    }
                }
                out.flush();
            }
            Runtime.getRuntime().removeShutdownHook(stop);
        } catch (WakeupException e) {
            out.flush(); // Ctrl-C: the JVM is on its way out
        }
        return 0;
    }

    private boolean isWanted(Outcome outcome) {
        return verdict == null
                || (outcome instanceof Outcome.Judged judged && judged.result().getVerdict() == verdict);
    }
}
