package dev.moderato.cli.policy;

import dev.moderato.events.Source;
import org.jspecify.annotations.Nullable;

/**
 * An image that was judged under two policies.
 *
 * @param id its id, or its path where it is a file
 * @param source where it was submitted; null where it is a file
 */
record ComparedImage(String id, @Nullable Source source) implements Comparable<ComparedImage> {
    @Override
    public int compareTo(ComparedImage other) {
        return id.compareTo(other.id);
    }
}
