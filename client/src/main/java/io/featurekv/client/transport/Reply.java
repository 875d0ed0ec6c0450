package io.featurekv.client.transport;

import io.featurekv.protocol.FrameType;
import java.nio.ByteBuffer;

/**
 * A frame that answers a request.
 *
 * @param type what it is
 * @param flags the frame's flags
 * @param body a copy on the heap that belongs to the receiver, little-endian
 */
public record Reply(FrameType type, int flags, ByteBuffer body) {}
