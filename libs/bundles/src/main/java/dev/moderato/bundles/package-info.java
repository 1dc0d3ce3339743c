/** Receives a bundle, and hands on the address that others find it by; or receives an address, and hands on a folder that was verified. */
@NullMarked
package dev.moderato.bundles;

import org.jspecify.annotations.NullMarked;
