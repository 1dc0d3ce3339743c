package dev.moderato.inference.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A batch that a device does not hold is halved until it does, and every item is encoded once, in order. */
class BatchSplitTest {
    private final List<String> runs = new ArrayList<>();

    private BatchSplit.Run upTo(int items) {
        return (start, end) -> {
            if (end - start > items) {
                throw new EncoderException(EncoderException.Kind.OUT_OF_MEMORY, "too many", null);
            }
            runs.add(start + "-" + end);
        };
    }

    @Test
    void runsPartsOfTheLargestSize() {
        new BatchSplit(4, false).run(10, upTo(4));
        assertThat(runs).containsExactly("0-4", "4-8", "8-10");
        new BatchSplit(4, false).run(0, upTo(4));
        assertThat(runs).hasSize(3);
    }

    @Test
    void halvesWhatDoesNotFit() {
        new BatchSplit(8, false).run(10, upTo(3));
        assertThat(runs).containsExactly("0-2", "2-4", "4-6", "6-8", "8-10");
    }

    @Test
    void givesUpOnOneItem() {
        assertThatThrownBy(() -> new BatchSplit(8, false).run(8, upTo(0))).hasMessage("too many");
        assertThatThrownBy(() -> new BatchSplit(8, true).run(8, upTo(4))).hasMessage("too many");
        assertThat(runs).isEmpty();
    }

    @Test
    void doesNotTryAgainAfterOtherFaults() {
        int[] tries = {0};
        assertThatThrownBy(() -> new BatchSplit(8, false).run(8, (start, end) -> {
                    tries[0]++;
                    throw new EncoderException(EncoderException.Kind.FAILED, "broken", null);
                }))
                .hasMessage("broken");
        assertThat(tries[0]).isEqualTo(1);
    }
}
