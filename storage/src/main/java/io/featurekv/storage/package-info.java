/**
 * Shard files: building, sealing, verifying, opening and reading them. The only package that knows
 * LMDB and zstd.
 */
@NullMarked
package io.featurekv.storage;

import org.jspecify.annotations.NullMarked;
