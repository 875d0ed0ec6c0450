/** The commands under {@code featurekv version}, and rollback. */
@NullMarked
package io.featurekv.cli.version;

import org.jspecify.annotations.NullMarked;
