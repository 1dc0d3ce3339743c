/** Receives requests of the S3 protocol, and hands on objects from memory: a store for tests on one machine. */
@NullMarked
package dev.moderato.devstack.s3;

import org.jspecify.annotations.NullMarked;
