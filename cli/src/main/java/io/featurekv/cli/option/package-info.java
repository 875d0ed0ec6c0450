/** What the options have in common: the global ones, their types, and where values come from. */
@NullMarked
package io.featurekv.cli.option;

import org.jspecify.annotations.NullMarked;
