/**
 * Receives the calls of Confluent's Schema Registry clients over HTTP; hands on ids, schemas and refusals. Avro only. What
 * it knows lies in a compacted topic of the broker.
 */
@NullMarked
package dev.moderato.devstack.registry;

import org.jspecify.annotations.NullMarked;
