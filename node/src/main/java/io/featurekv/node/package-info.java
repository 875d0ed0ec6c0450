/** One node of the cluster, put together. */
@NullMarked
package io.featurekv.node;

import org.jspecify.annotations.NullMarked;
