/** The face of every store under test, and FeatureKV's own behind it. */
@NullMarked
package io.featurekv.bench.engine;

import org.jspecify.annotations.NullMarked;
