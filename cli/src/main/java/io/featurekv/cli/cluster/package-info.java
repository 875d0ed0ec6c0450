/** What the cluster as a whole is doing: status, wait, node. */
@NullMarked
package io.featurekv.cli.cluster;

import org.jspecify.annotations.NullMarked;
