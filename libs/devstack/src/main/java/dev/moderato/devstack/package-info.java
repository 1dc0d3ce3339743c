/** Receives a data directory; hands on a running Kafka broker and Schema Registry on loopback. */
@NullMarked
package dev.moderato.devstack;

import org.jspecify.annotations.NullMarked;
