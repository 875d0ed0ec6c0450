/** The HTTP face: metrics and health. */
@NullMarked
package io.featurekv.node.http;

import org.jspecify.annotations.NullMarked;
