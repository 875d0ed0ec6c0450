/** Telling clients where everything is. */
@NullMarked
package io.featurekv.node.routing;

import org.jspecify.annotations.NullMarked;
