package dev.moderato.cli.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.JsonLine;
import dev.moderato.cli.model.BundleOption;
import dev.moderato.inference.policy.Diagnostic;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyTest;
import dev.moderato.inference.policy.PolicyTests;
import dev.moderato.inference.policy.PolicyTests.Miss;
import dev.moderato.inference.policy.PolicyTests.Result;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs the tests that policy files hold. */
@Command(
        name = "test",
        description = "Run the policies' own tests; print what failed and by how much.",
        footer = {"", "Exit code 0: all passed; 1: one failed, or a file is not valid; 2: wrong usage."})
final class TestCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Policy files, or folders of them.")
    List<Path> paths = List.of();

    @Option(names = "--json", description = "Print one line of JSON a test.")
    boolean json;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    BundleOption model;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        List<PolicyFile> files = PolicyFile.readAll(paths);
        PrintWriter out = spec.commandLine().getOut();
        boolean passed = true;
        try (LocalModel encoder = LocalModel.open(model.bundle())) {
            if (!encoder.bundle().trained()) {
                spec.commandLine().getErr().println("untrained encoder: the tests' outcomes are meaningless");
            }
            for (PolicyFile file : files) {
                passed &= run(file, encoder, out);
                out.flush();
            }
        }
        return passed ? 0 : 1;
    }

    private boolean run(PolicyFile file, LocalModel encoder, PrintWriter out) {
        Policy policy = file.parsed().policy();
        if (policy == null) {
            file.parsed().diagnostics().stream().filter(Diagnostic::isError).forEach(out::println);
            return false;
        }
        List<Result> results = PolicyTests.run(
                encoder.compile(policy), image -> encoder.embed(file.folder().resolve(image)));
        if (json) {
            results.forEach(result -> out.println(json(file, policy, result)));
        } else {
            new TestTable(file.path(), policy, encoder.bundle().id(), results).print(out);
        }
        return results.stream().allMatch(Result::passed);
    }

    private static String json(PolicyFile file, Policy policy, Result result) {
        PolicyTest test = result.test();
        ObjectNode line = JsonLine.object()
                .put("file", file.path().toString())
                .put("policy", policy.name())
                .put("version", policy.version())
                .put("image", test.image())
                .put("surface", test.surface())
                .put("passed", result.passed())
                .put("problem", result.problem());
        var misses = line.putArray("misses");
        for (Miss miss : result.misses()) {
            misses.addObject()
                    .put("of", miss.of())
                    .put("label", miss.label())
                    .put("expected", miss.expected().word())
                    .put("actual", miss.actual().word())
                    .put("score", miss.score())
                    .put("threshold", miss.threshold())
                    .put("by", miss.by())
                    .put("winningPrompt", miss.winningPrompt())
                    .put("nearestNeutral", miss.nearestNeutral());
        }
        return JsonLine.write(line);
    }
}
