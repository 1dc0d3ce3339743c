package dev.moderato.cli.policy;

import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyTests.Miss;
import dev.moderato.inference.policy.PolicyTests.Result;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The tests of one policy for people: a line each that failed, with what was missing, then how many passed. */
record TestTable(Path file, Policy policy, String modelId, List<Result> results) {

    void print(PrintWriter out) {
        List<Result> failed =
                results.stream().filter(result -> !result.passed()).toList();
        Table table = new Table("image", "surface", "of", "expected", "got", "score", "threshold", "off by", "why");
        for (Result result : failed) {
            String image = result.test().image();
            String surface =
                    result.test().surface() == null ? "" : result.test().surface();
            if (result.problem() != null) {
                table.row(image, surface, "", "", "", "", "", "", result.problem());
            }
            for (Miss miss : result.misses()) {
                table.row(
                        image,
                        surface,
                        miss.of().equals(miss.label()) ? miss.of() : miss.of() + " (" + miss.label() + ")",
                        miss.expected().word(),
                        miss.actual().word(),
                        number(miss.score()),
                        miss.threshold() == null ? "" : number(miss.threshold()),
                        number(miss.by()),
                        "\"" + miss.winningPrompt() + "\" over \"" + miss.nearestNeutral() + "\"");
            }
        }
        table.print(out);
        out.printf(
                "%s: %d of %d tests passed (policy %s@%s, model %s)%n",
                file, results.size() - failed.size(), results.size(), policy.name(), policy.version(), modelId);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
