/** Tables of figures, as text and as JSON, and what they were measured on. */
@NullMarked
package io.featurekv.bench.report;

import org.jspecify.annotations.NullMarked;
