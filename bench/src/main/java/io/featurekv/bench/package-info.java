/**
 * Compares the storage engine with others of its kind, in one process and one table. Never shipped.
 */
@NullMarked
package io.featurekv.bench;

import org.jspecify.annotations.NullMarked;
