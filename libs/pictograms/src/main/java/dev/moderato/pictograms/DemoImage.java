package dev.moderato.pictograms;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file of the demo's folder.
 *
 * @param verdict the right verdict under the shipped policy, ALLOW, REVIEW or BLOCK; null for a file that is no picture
 */
public record DemoImage(Path file, @Nullable String verdict) {}
