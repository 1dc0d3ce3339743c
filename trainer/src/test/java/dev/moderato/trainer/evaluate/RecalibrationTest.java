package dev.moderato.trainer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.inference.policy.Calibration;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.Templates;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecalibrationTest {
    private static final Policy POLICY =
            PolicyParser.parse("""
                    policy: default
                    neutral: ["a tree"]
                    labels:
                      weapons.knife:
                        prompts: ["a knife"]
                        thresholds: {review: 0.5}
                        calibration: {old: {a: 0.5, b: -0.1, n: 100}}
                      weapons.gun:
                        prompts: ["a gun"]
                        thresholds: {review: 0.5}
                        calibration: {old: {a: 0.7, b: 0.2, n: 100}, new: {a: 0.9, b: 0, n: 50}}
                      weapons.grenade:
                        prompts: ["a grenade"]
                        thresholds: {review: 0.5}
                    """, "default.yaml", Templates.none()).orElseThrow();

    @Test
    void aLabelKeepsItsParentsEntryAndOneWithoutStaysWithout() {
        assertThat(Recalibration.missing(POLICY, "old", "new"))
                .containsExactlyInAnyOrderEntriesOf(Map.of("weapons.knife", new Calibration(0.5, -0.1, 100)));
    }

    @Test
    void nothingIsMissingWhereNothingWasCalibratedOrAllIs() {
        assertThat(Recalibration.missing(POLICY, "other", "third")).isEmpty();
        assertThat(Recalibration.missing(POLICY, null, "third")).isEmpty();
        Policy whole = POLICY.calibrated("new", Recalibration.missing(POLICY, "old", "new"));
        assertThat(Recalibration.missing(whole, "old", "new")).isEmpty();
        assertThat(whole.uncalibrated("new")).isEmpty();
        assertThat(whole.version()).isNotEqualTo(POLICY.version());
    }
}
