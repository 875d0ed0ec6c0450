/** {@code featurekv bench}: load on a cluster, and what it takes. */
@NullMarked
package io.featurekv.cli.bench;

import org.jspecify.annotations.NullMarked;
