package dev.moderato.inference.policy;

import static dev.moderato.inference.policy.PolicyFiles.KNIFE;
import static dev.moderato.inference.policy.PolicyFiles.policy;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyVersionTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "# who may see what | # nobody may",
                "{review: 0.55, block: 0.85} | {block: 0.850,   review: 5.5e-1}",
                "[\"a knife\", \"a dagger\"] | ['a dagger', a knife]",
                "[\"a photo of {}.\", \"a drawing of {}.\"] | [\"a drawing of {}.\", \"a photo of {}.\"]",
                "[\"a photo of {}.\", \"a drawing of {}.\"] | photo",
                "description: the usual | description: another",
                "mode: live | description: no mode",
                "n: 812 | n: 900",
                "expect: allow | expect: block"
            })
    void survivesWhatDoesNotChangeTheMeaning(String before, String after) {
        assertThat(policy(KNIFE.replace(before, after)).version())
                .isEqualTo(policy(KNIFE).version());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "policy: default | policy: other",
                "0.55 | 0.56",
                "block: 0.7} | block: 0.71}",
                "a: 1.3 | a: 1.4",
                "\"a dagger\" | \"a sword\"",
                "\"a spoon\", |",
                "a landscape | a street",
                "a drawing of | a sketch of",
                "hide | delete",
                "mode: shadow | mode: live",
                "avatar: | cover:"
            })
    void changesWithTheMeaning(String before, String after) {
        String edited = KNIFE.replace(before, after == null ? "" : after).replace("surface: avatar, ", "");
        assertThat(edited).isNotEqualTo(KNIFE.replace("surface: avatar, ", ""));
        assertThat(policy(edited).version()).isNotEqualTo(policy(KNIFE).version());
    }

    @Test
    void survivesAnOverrideThatChangesNothing() {
        String edited = KNIFE.replace("  avatar:", "  avatar:\n    weapons.gun: {thresholds: {block: 0.9}}");

        assertThat(policy(edited).version()).isEqualTo(policy(KNIFE).version());
    }

    @Test
    void holdsTheContentsOfATemplateListNotItsName() {
        String named = KNIFE.replace("[\"a photo of {}.\", \"a drawing of {}.\"]", "list");
        Policy one = PolicyParser.parse(named, "p", PolicyFiles.templates(Map.of("list", "- a photo of {}.")))
                .orElseThrow();
        Policy other = PolicyParser.parse(named, "p", PolicyFiles.templates(Map.of("list", "- a photo of one {}.")))
                .orElseThrow();

        assertThat(one.version()).matches("[0-9a-f]{16}").isNotEqualTo(other.version());
    }
}
