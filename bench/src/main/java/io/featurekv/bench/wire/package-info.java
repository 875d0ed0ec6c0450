/** Requests and replies of the servers that are compared, to the byte. */
@NullMarked
package io.featurekv.bench.wire;

import org.jspecify.annotations.NullMarked;
