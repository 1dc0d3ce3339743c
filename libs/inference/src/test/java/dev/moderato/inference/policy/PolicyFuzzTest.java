package dev.moderato.inference.policy;

import static dev.moderato.inference.policy.PolicyFiles.KNIFE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PolicyFuzzTest {
    private static final List<String> SCRAPS = List.of(
            "{",
            "}",
            "[",
            "]",
            ":",
            ": ",
            "- ",
            "\n",
            "\t",
            "&a ",
            "*a",
            "!!int ",
            "!!set ",
            "!!binary ",
            "<<: ",
            "'",
            "\"",
            "|",
            ">",
            "#",
            "%YAML 1.3\n",
            "---\n",
            "...\n",
            "? ",
            "~",
            "null",
            ".inf",
            "-1",
            "0x10",
            "1e999",
            "{}",
            "\u0000",
            "\ud83d",
            "é",
            "\u2028",
            "policy: ",
            "labels:",
            "&x [*x]",
            "&y {*y : *y}");

    @Test
    void whateverIsDoneToAFileItEndsAsAPolicyOrAsErrorsWithinIt() {
        Random random = new Random(5);
        int valid = 0;
        int invalid = 0;
        for (int round = 0; round < 5_000; round++) {
            String text = KNIFE;
            for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
                text = edit(text, random);
            }
            ParsedPolicy parsed = PolicyFiles.parse(text);

            boolean hasError = parsed.diagnostics().stream().anyMatch(Diagnostic::isError);
            assertThat(parsed.policy() == null)
                    .as("a policy xor an error:%n%s", text)
                    .isEqualTo(hasError);
            long lines = text.chars()
                            .filter(c -> c == '\n' || c == '\u2028' || c == '\u0085' || c == '\r')
                            .count()
                    + 1;
            for (Diagnostic diagnostic : parsed.diagnostics()) {
                assertThat(diagnostic.line()).as("%s in%n%s", diagnostic, text).isBetween(1, (int) lines + 1);
                assertThat(diagnostic.column()).isPositive();
                assertThat(diagnostic.message()).doesNotContain("\n").isNotBlank();
            }
            if (hasError) {
                invalid++;
            } else {
                valid++;
            }
        }
        assertThat(valid).as("mutants that stay valid").isGreaterThan(50);
        assertThat(invalid).isGreaterThan(2_500);
    }

    private static String edit(String text, Random random) {
        int at = random.nextInt(text.length() + 1);
        int to = Math.min(text.length(), at + 1 + random.nextInt(random.nextInt(4) == 0 ? 200 : 8));
        return switch (random.nextInt(4)) {
            case 0 -> text.substring(0, at) + text.substring(to);
            case 1 -> text.substring(0, at) + SCRAPS.get(random.nextInt(SCRAPS.size())) + text.substring(at);
            case 2 -> text.substring(0, at) + SCRAPS.get(random.nextInt(SCRAPS.size())) + text.substring(to);
            default -> text.substring(0, to) + text.substring(at);
        };
    }
}
