/** A metadata voter on standard input and output. */
@NullMarked
package io.featurekv.cli.maelstrom;

import org.jspecify.annotations.NullMarked;
