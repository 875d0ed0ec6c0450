/** What a person or a script sees: streams, tables, JSON, units, progress. */
@NullMarked
package io.featurekv.cli.terminal;

import org.jspecify.annotations.NullMarked;
