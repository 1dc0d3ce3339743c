package dev.moderato.streams.judge;

import dev.moderato.streams.models.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * An image to judge.
 *
 * @param snapshot what it is judged with
 * @param whenDone runs once, when no stage holds anything of the image any more
 */
public record Job(Content content, String policy, @Nullable String surface, Snapshot snapshot, Runnable whenDone) {}
