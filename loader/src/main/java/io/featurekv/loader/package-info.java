/**
 * From user files to sealed shard files: sources, keys and values, sorting within bounded memory,
 * building.
 */
@NullMarked
package io.featurekv.loader;

import org.jspecify.annotations.NullMarked;
