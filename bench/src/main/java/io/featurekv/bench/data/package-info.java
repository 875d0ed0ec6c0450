/** What is stored and what is asked for: deterministic entries, their orders, request mixes. */
@NullMarked
package io.featurekv.bench.data;

import org.jspecify.annotations.NullMarked;
