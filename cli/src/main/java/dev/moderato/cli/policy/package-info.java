/**
 * Receives policy files, a model bundle and where the cluster is; hands on diagnostics, test results, published versions,
 * and what an edit would change or has changed.
 */
@NullMarked
package dev.moderato.cli.policy;

import org.jspecify.annotations.NullMarked;
