package dev.moderato.devstack;

import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.clients.admin.NewTopic;
import org.jspecify.annotations.Nullable;

/**
 * What the embedded stack is started with.
 *
 * @param dataDirectory where records and schemas live between runs; null for a temporary one that close deletes
 * @param brokerPort on loopback; 0 for any
 * @param registryPort on loopback; 0 for any
 * @param topics made where they are missing; existing ones are left as they are
 */
public record DevStackSettings(@Nullable Path dataDirectory, int brokerPort, int registryPort, List<NewTopic> topics) {
    public DevStackSettings {
        topics = List.copyOf(topics);
    }

    /** A stack that leaves nothing behind, on any free ports. */
    public static DevStackSettings temporary(List<NewTopic> topics) {
        return new DevStackSettings(null, 0, 0, topics);
    }
}
