/**
 * The control plane of a node: following the metadata, proposing, liveness, and what the leader
 * decides.
 */
@NullMarked
package io.featurekv.node.control;

import org.jspecify.annotations.NullMarked;
