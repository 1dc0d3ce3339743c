package dev.moderato.streams.rescore;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which stored embeddings are judged.
 *
 * @param policy whose images; null for all
 * @param modelSha256 the bundle that must have encoded them: another one's embeddings mean nothing to it
 * @param since of images submitted from then on
 */
public record Selection(@Nullable String policy, String modelSha256, Instant since) {}
