/** Sorting records by shard and key within bounded memory, spilling sorted runs to disk. */
@NullMarked
package io.featurekv.loader.sort;

import org.jspecify.annotations.NullMarked;
