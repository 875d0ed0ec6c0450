/** The bytes on the wire, as docs/protocol.md specifies them. No network code. */
@NullMarked
package io.featurekv.protocol;

import org.jspecify.annotations.NullMarked;
