/**
 * How work beside the reads keeps out of their way: low priority, and a pace that yields to them.
 */
@NullMarked
package io.featurekv.node.background;

import org.jspecify.annotations.NullMarked;
