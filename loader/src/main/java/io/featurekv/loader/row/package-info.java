/** Rows of named cells, and how a row becomes a key and a value. */
@NullMarked
package io.featurekv.loader.row;

import org.jspecify.annotations.NullMarked;
