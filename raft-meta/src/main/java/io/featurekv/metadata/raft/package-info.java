/** The Raft group that orders the commands. The only package that imports Ratis. */
@NullMarked
package io.featurekv.metadata.raft;

import org.jspecify.annotations.NullMarked;
