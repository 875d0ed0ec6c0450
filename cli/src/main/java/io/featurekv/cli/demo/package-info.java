/** The demonstration: a real cluster of child processes, and what is done with it. */
@NullMarked
package io.featurekv.cli.demo;

import org.jspecify.annotations.NullMarked;
