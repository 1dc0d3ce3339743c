@NullMarked
package dev.moderato.inference.policy;

import org.jspecify.annotations.NullMarked;
