/** The data plane of a node: which versions it serves, and answering reads from them. */
@NullMarked
package io.featurekv.node.serving;

import org.jspecify.annotations.NullMarked;
