/**
 * Connections that carry frames, over Netty; the one package here that knows of it. Everything runs
 * on a few network threads, and callbacks come on them: they must not block.
 */
@NullMarked
package io.featurekv.client.transport;

import org.jspecify.annotations.NullMarked;
