/**
 * Builds that the builders of the cluster share: what this node reads, builds, hands to other
 * builders and ships.
 */
@NullMarked
package io.featurekv.node.build;

import org.jspecify.annotations.NullMarked;
