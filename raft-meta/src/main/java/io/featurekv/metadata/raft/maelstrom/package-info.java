/**
 * A voter that speaks Maelstrom's protocol: JSON lines on standard input and output, over which the
 * Raft group talks as well, and registers in the metadata as the {@code lin-kv} workload. See
 * docs/maelstrom.md.
 */
@NullMarked
package io.featurekv.metadata.raft.maelstrom;

import org.jspecify.annotations.NullMarked;
