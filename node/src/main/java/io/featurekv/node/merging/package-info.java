/** Merging long chains of increments into full files, in the background. */
@NullMarked
package io.featurekv.node.merging;

import org.jspecify.annotations.NullMarked;
