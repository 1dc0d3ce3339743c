package dev.moderato.trainer.dataset;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * One image of a data set.
 *
 * @param id of the image event
 * @param sha256 of its file
 * @param label what was said to be right or wrong; null for an image that nobody flagged
 * @param present whether it is right
 * @param caption what the image shows, from the person or the policy's prompts; null where neither says
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Item(
        String id,
        String sha256,
        @Nullable String label,
        boolean present,
        @Nullable String caption,
        Split split) {
    /** Whether a person flagged it. */
    public boolean flagged() {
        return label != null;
    }
}
