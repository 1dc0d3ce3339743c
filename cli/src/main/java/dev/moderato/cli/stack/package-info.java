/** Receives folders of prompts and a model; hands on broker, registry and moderation service running in this process. */
@NullMarked
package dev.moderato.cli.stack;

import org.jspecify.annotations.NullMarked;
