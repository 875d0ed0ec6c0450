/** Input files, read by the product's own loader. */
@NullMarked
package io.featurekv.bench.input;

import org.jspecify.annotations.NullMarked;
