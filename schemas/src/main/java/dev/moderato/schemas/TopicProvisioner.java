package dev.moderato.schemas;

import dev.moderato.schemas.TopicDrift.Remedy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.utils.Utils;

/**
 * Compares a cluster's topics with the catalogue, and makes what is missing. It raises a retention or a message size that
 * is too small, and never lowers anything.
 */
public final class TopicProvisioner {
    private static final Duration VISIBLE_WITHIN = Duration.ofSeconds(30);
    private static final long LOOK_AGAIN_MS = 20;

    private final Admin admin;
    private final Optional<Short> replication;

    /** @param replication wanted of every topic; empty for the cluster's default, which then is not checked */
    public TopicProvisioner(Admin admin, Optional<Short> replication) {
        this.admin = admin;
        this.replication = replication;
    }

    /**
     * What differs, in the catalogue's order. Changes nothing.
     *
     * @throws KafkaException if the cluster cannot be asked
     */
    public List<TopicDrift> check(List<Topic> catalogue) {
        Set<String> existing = get(admin.listTopics().names());
        List<String> known =
                catalogue.stream().map(Topic::name).filter(existing::contains).toList();
        Map<String, TopicDescription> descriptions =
                get(admin.describeTopics(known).allTopicNames());
        Map<ConfigResource, Config> configs = get(admin.describeConfigs(
                        known.stream().map(TopicProvisioner::resource).toList())
                .all());
        List<TopicDrift> drifts = new ArrayList<>();
        for (Topic topic : catalogue) {
            TopicDescription description = descriptions.get(topic.name());
            Config config = configs.get(resource(topic.name()));
            if (description == null || config == null) {
                drifts.add(new TopicDrift(topic.name(), "topic", "present", "missing", Remedy.CREATE));
            } else {
                checkLayout(topic, description, drifts);
                checkSettings(topic, config, drifts);
            }
        }
        return drifts;
    }

    /**
     * Creates the missing topics and raises what is too small.
     *
     * @return what differed before; the drifts whose remedy is CREATE or RAISE are gone now
     * @throws KafkaException if the cluster cannot be asked or refuses
     */
    public List<TopicDrift> create(List<Topic> catalogue) {
        long deadline = System.nanoTime() + VISIBLE_WITHIN.toNanos();
        while (true) {
            List<TopicDrift> drifts = check(catalogue);
            try {
                apply(catalogue, drifts);
                awaitVisible(catalogue);
                return drifts;
            } catch (TopicExistsException e) {
                // made by somebody else this moment: looked at again, for it may not be as wanted
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                Utils.sleep(LOOK_AGAIN_MS);
            }
        }
    }

    private void apply(List<Topic> catalogue, List<TopicDrift> drifts) {
        Set<String> missing = Set.copyOf(drifts.stream()
                .filter(drift -> drift.remedy() == Remedy.CREATE)
                .map(TopicDrift::topic)
                .toList());
        Map<ConfigResource, Collection<AlterConfigOp>> raises = new HashMap<>();
        for (TopicDrift drift : drifts) {
            if (drift.remedy() == Remedy.RAISE) {
                raises.computeIfAbsent(resource(drift.topic()), topic -> new ArrayList<>())
                        .add(new AlterConfigOp(
                                new ConfigEntry(drift.setting(), drift.wanted()), AlterConfigOp.OpType.SET));
            }
        }
        get(admin.createTopics(catalogue.stream()
                        .filter(topic -> missing.contains(topic.name()))
                        .map(topic -> topic.request(replication))
                        .toList())
                .all());
        get(admin.incrementalAlterConfigs(raises).all());
    }

    /** The controller answers before every broker knows: who goes on at once may not find the topic. */
    private void awaitVisible(List<Topic> catalogue) {
        long deadline = System.nanoTime() + VISIBLE_WITHIN.toNanos();
        while (check(catalogue).stream().anyMatch(drift -> !drift.settled())) {
            if (System.nanoTime() > deadline) {
                throw new KafkaException("The cluster accepted the topics, but does not show them after "
                        + VISIBLE_WITHIN.toSeconds() + " s: look at its controller's log.");
            }
            Utils.sleep(LOOK_AGAIN_MS);
        }
    }

    private void checkLayout(Topic topic, TopicDescription found, List<TopicDrift> drifts) {
        int partitions = found.partitions().size();
        if (partitions != topic.partitions()) {
            // more partitions would send the same keys elsewhere, away from their earlier records
            Remedy remedy = partitions > topic.partitions() ? Remedy.KEEP : Remedy.DECIDE;
            drifts.add(drift(topic, "partitions", topic.partitions(), partitions, remedy));
        }
        int replicas = found.partitions().stream()
                .mapToInt(partition -> partition.replicas().size())
                .min()
                .orElse(0);
        if (replication.isPresent() && replicas != replication.get()) {
            Remedy remedy = replicas > replication.get() ? Remedy.KEEP : Remedy.DECIDE;
            drifts.add(drift(topic, "replication", replication.get(), replicas, remedy));
        }
    }

    private static void checkSettings(Topic topic, Config found, List<TopicDrift> drifts) {
        topic.config().forEach((setting, wanted) -> {
            ConfigEntry entry = found.get(setting);
            String value = entry == null || entry.value() == null ? "" : entry.value();
            if (setting.equals(TopicConfig.CLEANUP_POLICY_CONFIG)) {
                if (!policies(value).equals(policies(wanted))) {
                    drifts.add(new TopicDrift(topic.name(), setting, wanted, value, Remedy.DECIDE));
                }
            } else if (amount(value) != amount(wanted)) {
                Remedy remedy = amount(value) > amount(wanted) ? Remedy.KEEP : Remedy.RAISE;
                drifts.add(new TopicDrift(topic.name(), setting, wanted, value, remedy));
            }
        });
    }

    private static TopicDrift drift(Topic topic, String setting, int wanted, int found, Remedy remedy) {
        return new TopicDrift(topic.name(), setting, Integer.toString(wanted), Integer.toString(found), remedy);
    }

    private static Set<String> policies(String value) {
        return Set.of(value.replace(" ", "").split(",", -1));
    }

    /** Kafka writes "without limit" as -1. */
    private static long amount(String value) {
        long amount = Long.parseLong(value);
        return amount < 0 ? Long.MAX_VALUE : amount;
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }

    private static <T> T get(KafkaFuture<T> answer) {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e.getCause());
        }
    }
}
