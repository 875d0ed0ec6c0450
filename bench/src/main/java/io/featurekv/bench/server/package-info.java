/** Servers that are started for a comparison, and stopped after it. */
@NullMarked
package io.featurekv.bench.server;

import org.jspecify.annotations.NullMarked;
