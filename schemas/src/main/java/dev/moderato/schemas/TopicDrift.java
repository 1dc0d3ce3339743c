package dev.moderato.schemas;

/**
 * One way in which a cluster's topic is not what the catalogue wants.
 *
 * @param setting what differs: {@code topic} itself, {@code partitions}, {@code replication}, or a topic setting as Kafka
 *     spells it
 */
public record TopicDrift(String topic, String setting, String wanted, String found, Remedy remedy) {

    /** What becomes of a drift. */
    public enum Remedy {
        /** The topic is missing: creating the catalogue makes it. */
        CREATE("is created by `topics create`"),
        /** Less than wanted, and more harms nobody: creating the catalogue raises it. */
        RAISE("is raised by `topics create`"),
        /** More than wanted: left alone, since less could lose records. */
        KEEP("is left alone: nothing is ever shrunk"),
        /** A change would move keys or rewrite history: for a person to decide, with Kafka's own tools. */
        DECIDE("must be decided by hand");

        private final String words;

        Remedy(String words) {
            this.words = words;
        }
    }

    /** Whether the topic serves as it is, even so. */
    public boolean harmless() {
        return remedy == Remedy.KEEP;
    }

    /** Whether creating the catalogue leaves it as it is. */
    boolean settled() {
        return remedy == Remedy.KEEP || remedy == Remedy.DECIDE;
    }

    @Override
    public String toString() {
        return remedy == Remedy.CREATE
                ? topic + " is missing: it " + remedy.words + "."
                : topic + ": " + setting + " is " + found + ", wanted " + wanted + ": it " + remedy.words + ".";
    }
}
