/** Batch writes: the load command and its progress. */
@NullMarked
package io.featurekv.cli.load;

import org.jspecify.annotations.NullMarked;
