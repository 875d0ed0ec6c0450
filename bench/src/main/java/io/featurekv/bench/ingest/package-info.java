/** Builds from input files: what is built from what, by whom, and what it took. */
@NullMarked
package io.featurekv.bench.ingest;

import org.jspecify.annotations.NullMarked;
