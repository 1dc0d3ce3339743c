/** Receives announcements of policies and models; hands on the snapshot that images are judged with. */
@NullMarked
package dev.moderato.streams.models;

import org.jspecify.annotations.NullMarked;
