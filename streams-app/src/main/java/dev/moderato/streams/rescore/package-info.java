/** Receives stored embeddings and a policy; hands on what the policy makes of them, as counts or as results anew. */
@NullMarked
package dev.moderato.streams.rescore;

import org.jspecify.annotations.NullMarked;
