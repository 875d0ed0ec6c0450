/**
 * The command line: the root command, and how commands are made, started, explained and reported
 * on.
 */
@NullMarked
package io.featurekv.cli;

import org.jspecify.annotations.NullMarked;
