package dev.moderato.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moderato.schemas.Topic.Cleanup;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {
    @Test
    void namesEveryTopicByThePrefix() {
        assertThat(new Topics("acme-eu").all())
                .extracting(Topic::name)
                .containsExactly(
                        "acme-eu.images",
                        "acme-eu.results",
                        "acme-eu.failures",
                        "acme-eu.embeddings",
                        "acme-eu.feedback",
                        "acme-eu.policies",
                        "acme-eu.models",
                        "acme-eu.dead-letters");
    }

    @Test
    void takesImagesOfEightMebibytesWhereImagesTravel() {
        Topics topics = Topics.defaults();
        assertThat(topics.images().config()).containsEntry("max.message.bytes", "8388608");
        assertThat(topics.feedback().maxMessageBytes()).isEqualTo(8 << 20);
        assertThat(topics.results().maxMessageBytes()).isEqualTo(1_048_588);
    }

    @Test
    void keepsPoliciesAndModelsForEver() {
        assertThat(Topics.defaults().policies().config())
                .containsEntry("cleanup.policy", "compact")
                .doesNotContainKey("retention.ms");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "with space", "slash/ed", "ümlaut"})
    void refusesAPrefixThatKafkaWould(String prefix) {
        assertThatThrownBy(() -> new Topics(prefix))
                .hasMessage("The topic prefix \"" + prefix
                        + "\" is not usable: Kafka takes up to 200 letters, digits, '.', '_' and '-'.");
    }

    @Test
    void refusesATopicThatCannotBe() {
        assertThatThrownBy(() -> new Topics("m", 0)).hasMessage("Topics need at least 1 partition, not 0.");
        assertThatThrownBy(() -> new Topic("t", 1, Cleanup.TIME, null, 1))
                .hasMessage("Topic t needs a retention unless it is only compacted.");
        assertThatThrownBy(() -> new Topic("t", 1, Cleanup.COMPACT, Duration.ofDays(1), 1))
                .hasMessage("Topic t is only compacted: a retention would say nothing.");
    }
}
