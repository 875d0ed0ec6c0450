package io.featurekv.client.transport;

import io.featurekv.protocol.FrameType;
import java.nio.ByteBuffer;

/**
 * A frame that answers a request.
 *
 * @param body a copy on the heap, little-endian, the receiver's own
 */
public record Reply(FrameType type, int flags, ByteBuffer body) {}
