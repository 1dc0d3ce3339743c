/** Receives prompt files; publishes the valid, tested and changed ones to the policies topic. */
@NullMarked
package dev.moderato.streams.policies;

import org.jspecify.annotations.NullMarked;
