/** Receives bundles that passed the gate; hands on announcements on the models topic, by which every instance of the service swaps. */
@NullMarked
package dev.moderato.trainer.publish;

import org.jspecify.annotations.NullMarked;
