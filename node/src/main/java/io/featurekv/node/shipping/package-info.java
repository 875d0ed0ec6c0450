/** Shard files on this node's disk, and how their pieces come and go. */
@NullMarked
package io.featurekv.node.shipping;

import org.jspecify.annotations.NullMarked;
