/** Bringing what a node has in line with what the metadata says it should have. */
@NullMarked
package io.featurekv.node.reconcile;

import org.jspecify.annotations.NullMarked;
