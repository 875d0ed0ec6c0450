/** The commands under {@code featurekv task}. */
@NullMarked
package io.featurekv.cli.task;

import org.jspecify.annotations.NullMarked;
