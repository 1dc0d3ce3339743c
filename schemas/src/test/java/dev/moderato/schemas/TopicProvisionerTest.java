package dev.moderato.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.devstack.EmbeddedBroker;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Against a real broker; each test has a prefix of its own. */
class TopicProvisionerTest {
    private static EmbeddedBroker broker;
    private static Admin admin;

    @BeforeAll
    static void start() throws Exception {
        broker = EmbeddedBroker.start(null, 0);
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    @AfterAll
    static void stop() {
        admin.close();
        broker.close();
    }

    @Test
    void anEmptyClusterMissesEveryTopicAndChecksCleanOnceTheyAreCreated() {
        List<Topic> catalogue = new Topics("fresh", 2).all();
        assertThat(provisioner().check(catalogue))
                .hasSize(catalogue.size())
                .first()
                .hasToString("fresh.images is missing: it is created by `topics create`.");

        provisioner().create(catalogue);

        assertThat(provisioner().check(catalogue)).isEmpty();
        assertThat(provisioner().create(catalogue)).as("a second run").isEmpty();
    }

    @Test
    void twoAtOnceDoNotStandInEachOthersWay() {
        List<Topic> catalogue = new Topics("both", 2).all();

        CompletableFuture<?> other =
                CompletableFuture.runAsync(() -> provisioner().create(catalogue));
        provisioner().create(catalogue);
        other.join();

        assertThat(provisioner().check(catalogue)).isEmpty();
    }

    @Test
    void raisesWhatIsTooSmall() throws Exception {
        Topics topics = new Topics("small", 1);
        make(topics.images().name(), 1, Map.of("retention.ms", "3600000", "max.message.bytes", "1000"));

        assertThat(provisioner().create(List.of(topics.images())))
                .extracting(TopicDrift::toString)
                .containsExactly(
                        "small.images: max.message.bytes is 1000, wanted 8388608: it is raised by `topics create`.",
                        "small.images: retention.ms is 3600000, wanted 604800000: it is raised by `topics create`.");
        assertThat(provisioner().check(List.of(topics.images()))).isEmpty();
    }

    @Test
    void neverShrinks() throws Exception {
        Topics topics = new Topics("large", 2);
        make(topics.images().name(), 3, Map.of("retention.ms", "-1", "max.message.bytes", "9000000"));

        List<TopicDrift> before = provisioner().create(List.of(topics.images()));

        assertThat(before)
                .allMatch(TopicDrift::harmless)
                .extracting(TopicDrift::toString)
                .containsExactly(
                        "large.images: partitions is 3, wanted 2: it is left alone: nothing is ever shrunk.",
                        "large.images: max.message.bytes is 9000000, wanted 8388608: it is left alone: nothing is ever"
                                + " shrunk.",
                        "large.images: retention.ms is -1, wanted 604800000: it is left alone: nothing is ever shrunk.");
        assertThat(provisioner().check(List.of(topics.images()))).isEqualTo(before);
    }

    @Test
    void leavesToPeopleWhatWouldMoveKeysOrRewriteHistory() throws Exception {
        Topics topics = new Topics("odd", 4);
        make(topics.embeddings().name(), 2, topics.embeddings().config());
        make(topics.policies().name(), 1, Map.of("cleanup.policy", "delete"));

        List<TopicDrift> drifts = new TopicProvisioner(admin, Optional.of((short) 3))
                .create(List.of(topics.embeddings(), topics.policies()));

        assertThat(drifts)
                .noneMatch(TopicDrift::harmless)
                .extracting(TopicDrift::toString)
                .contains(
                        "odd.embeddings: partitions is 2, wanted 4: it must be decided by hand.",
                        "odd.embeddings: replication is 1, wanted 3: it must be decided by hand.",
                        "odd.policies: cleanup.policy is delete, wanted compact: it must be decided by hand.");
        assertThat(provisioner().check(List.of(topics.embeddings())))
                .extracting(TopicDrift::setting)
                .containsExactly("partitions");
    }

    @Test
    void theOrderOfCleanupPoliciesDoesNotMatter() throws Exception {
        Topic embeddings = new Topics("order", 1).embeddings();
        Map<String, String> config = new HashMap<>(embeddings.config());
        config.put("cleanup.policy", "delete,compact");
        make(embeddings.name(), 1, config);

        assertThat(provisioner().check(List.of(embeddings))).isEmpty();
    }

    private static TopicProvisioner provisioner() {
        return new TopicProvisioner(admin, Optional.of((short) 1));
    }

    private static void make(String name, int partitions, Map<String, String> config) throws Exception {
        admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(config)))
                .all()
                .get();
        while (!admin.listTopics().names().get().contains(name)) {
            Thread.sleep(10);
        }
    }
}
