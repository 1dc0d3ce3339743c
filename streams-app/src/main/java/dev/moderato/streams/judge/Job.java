package dev.moderato.streams.judge;

import dev.moderato.content.Room;
import dev.moderato.streams.models.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * An image to judge.
 *
 * @param snapshot what it is judged with
 * @param room asked for before referenced bytes are read
 * @param whenDone runs when no stage holds anything of the image any more
 */
public record Job(
        Content content, String policy, @Nullable String surface, Snapshot snapshot, Room room, Runnable whenDone) {}
