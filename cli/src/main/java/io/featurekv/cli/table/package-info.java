/** The commands under {@code featurekv table}. */
@NullMarked
package io.featurekv.cli.table;

import org.jspecify.annotations.NullMarked;
