/**
 * The cluster's metadata: an immutable state, the commands that change it, and the Raft group that
 * orders them.
 */
@NullMarked
package io.featurekv.metadata;

import org.jspecify.annotations.NullMarked;
