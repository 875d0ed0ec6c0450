/**
 * Bodies of the frames that nodes and tools of one release exchange: metadata, heartbeats,
 * shipping.
 */
@NullMarked
package io.featurekv.node.wire;

import org.jspecify.annotations.NullMarked;
