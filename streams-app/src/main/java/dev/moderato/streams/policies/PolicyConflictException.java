package dev.moderato.streams.policies;

import dev.moderato.events.PolicyPublished;
import org.jspecify.annotations.Nullable;

/** Somebody else published in between: nothing was overwritten. */
public final class PolicyConflictException extends Exception {
    private static final long serialVersionUID = 1L;

    PolicyConflictException(String name, @Nullable String seen, @Nullable PolicyPublished current) {
        super("policy " + name + ": "
                + (current == null
                        ? "it was retired"
                        : current.getVersion() + " was published by " + current.getPublisher())
                + " since " + (seen == null ? "there was none" : seen + " was seen")
                + "; take that version over into the file, or publish it yourself with `moderato policy publish`");
    }
}
