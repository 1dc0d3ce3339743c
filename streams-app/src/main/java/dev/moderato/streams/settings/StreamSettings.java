package dev.moderato.streams.settings;

import java.time.Duration;

/**
 * How the stream runs.
 *
 * @param ring most images of one partition that are in work or wait for their turn to be sent
 * @param session how long a crashed instance's partitions wait for another one
 * @param drain longest wait for a task's images before a commit; shorter than the transaction's timeout
 */
public record StreamSettings(
        String applicationId,
        int threads,
        GroupProtocol protocol,
        Duration commit,
        Duration poll,
        Duration transaction,
        Duration session,
        Duration drain,
        int ring,
        int intake,
        Duration start) {
    /** Who assigns partitions: the broker (Kafka 4.2 and later) or the group's leader. */
    public enum GroupProtocol {
        CLASSIC,
        STREAMS
    }

    static StreamSettings read(SettingsReader in, Profile profile) {
        StreamSettings settings = new StreamSettings(
                in.text("app.id", "moderato", "application id: the consumer group and the transactions' prefix"),
                in.byRule("one a core, 4 at most")
                        .count("stream.threads", Math.min(4, cores()), 1, 64, "threads", "stream threads"),
                in.choice(
                        "stream.protocol",
                        GroupProtocol.CLASSIC,
                        "who assigns partitions: the group's leader or the broker"),
                in.time(
                        "stream.commit",
                        profile.pick("50 ms", "1 s"),
                        ms(5),
                        s(60),
                        "time between commits: results are visible after one"),
                in.time(
                        "stream.poll",
                        "5 ms",
                        ms(1),
                        s(1),
                        "longest wait for new images before finished ones are sent"),
                in.time(
                        "stream.transaction",
                        "10 s",
                        s(2),
                        s(900),
                        "transaction timeout: how long a crashed instance holds up readers"),
                in.time(
                        "stream.session",
                        "10 s",
                        s(6),
                        s(1800),
                        "how long a crashed instance keeps its partitions (protocol classic; else the broker's setting)"),
                in.time("stream.drain", "8 s", ms(100), s(600), "longest wait for images in work before a commit"),
                in.count(
                        "stream.ring", profile.pick(32, 64), 1, 4096, "images", "most images of one partition in work"),
                in.count("stream.intake", 4, 1, 10_000, "records", "records of one partition read ahead"),
                in.time(
                        "start.timeout",
                        "60 s",
                        s(1),
                        s(3600),
                        "longest wait for broker, registry, policies and model at start"));
        if (settings.drain.compareTo(settings.transaction) >= 0) {
            in.problem("stream.drain: " + settings.drain.toMillis() + " ms must be shorter than stream.transaction ("
                    + settings.transaction.toMillis() + " ms), else a slow drain loses its transaction");
        }
        if (settings.commit.compareTo(settings.transaction) >= 0) {
            in.problem("stream.commit: " + settings.commit.toMillis() + " ms must be shorter than stream.transaction ("
                    + settings.transaction.toMillis() + " ms)");
        }
        return settings;
    }

    private static int cores() {
        return Runtime.getRuntime().availableProcessors();
    }

    private static Duration ms(long amount) {
        return Duration.ofMillis(amount);
    }

    private static Duration s(long amount) {
        return Duration.ofSeconds(amount);
    }
}
