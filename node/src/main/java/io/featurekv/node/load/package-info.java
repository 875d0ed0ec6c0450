/** A whole batch write: begin the task, build, ship, seal, wait until it is served. */
@NullMarked
package io.featurekv.node.load;

import org.jspecify.annotations.NullMarked;
