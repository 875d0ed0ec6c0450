/** The stores that FeatureKV is compared with; each is known in one class. */
@NullMarked
package io.featurekv.bench.peer;

import org.jspecify.annotations.NullMarked;
