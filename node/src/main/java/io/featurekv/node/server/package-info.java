/** The Netty port: frames in, one handler per message, frames out. */
@NullMarked
package io.featurekv.node.server;

import org.jspecify.annotations.NullMarked;
