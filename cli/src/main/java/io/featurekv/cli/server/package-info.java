/** Running a node. */
@NullMarked
package io.featurekv.cli.server;

import org.jspecify.annotations.NullMarked;
