/**
 * Receives where a Kafka cluster and its Schema Registry are; hands on image events to them, and the outcomes and
 * feedback that they hold.
 */
@NullMarked
package dev.moderato.cli.cluster;

import org.jspecify.annotations.NullMarked;
