package dev.moderato.trainer.dataset;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;

/** A line of the {@link Journal}: something that was learned of an image. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Entry.Flag.class, name = "flag"),
    @JsonSubTypes.Type(value = Entry.Replay.class, name = "replay"),
    @JsonSubTypes.Type(value = Entry.Erased.class, name = "erased"),
    @JsonSubTypes.Type(value = Entry.Unavailable.class, name = "unavailable")
})
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface Entry {
    /** Id of the image event. */
    String id();

    /**
     * A person said whether a label is right for an image.
     *
     * @param sha256 of the image file, which lies in the store
     * @param caption what the image shows, in the person's words
     */
    record Flag(
            String id,
            String sha256,
            String label,
            boolean present,
            @Nullable String caption) implements Entry {}

    /**
     * An image of the stream that nobody flagged.
     *
     * @param sha256 of the image file, which lies in the store
     */
    record Replay(String id, String sha256) implements Entry {}

    /** The image must be forgotten, now and in every later set. */
    record Erased(String id) implements Entry {}

    /**
     * An image was flagged that cannot be had any more.
     *
     * @param reason why, naming what was looked for
     */
    record Unavailable(String id, String reason) implements Entry {}
}
