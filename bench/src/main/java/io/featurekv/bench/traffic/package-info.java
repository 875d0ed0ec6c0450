/** One load generator for all servers: which entries are asked for, when, and what came back. */
@NullMarked
package io.featurekv.bench.traffic;

import org.jspecify.annotations.NullMarked;
