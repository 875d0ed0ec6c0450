/** Reading with less memory than data: forgetting pages, and what the disk itself can do. */
@NullMarked
package io.featurekv.bench.cold;

import org.jspecify.annotations.NullMarked;
