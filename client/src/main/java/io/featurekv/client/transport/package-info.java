/**
 * Connections to nodes. The only package of this module that knows Netty; no Netty type leaves it.
 */
@NullMarked
package io.featurekv.client.transport;

import org.jspecify.annotations.NullMarked;
