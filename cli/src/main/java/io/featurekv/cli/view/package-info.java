/** How results look, as tables and as JSON: pure functions of records. */
@NullMarked
package io.featurekv.cli.view;

import org.jspecify.annotations.NullMarked;
