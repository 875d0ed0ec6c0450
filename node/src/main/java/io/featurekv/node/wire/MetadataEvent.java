package io.featurekv.node.wire;

import java.nio.ByteBuffer;

/**
 * Body of METADATA_CHANGE, a frame of the stream that WATCH_METADATA ({@code u64 last known index},
 * 0 for none) opens: {@code u8 kind | u64 index | u64 state hash | bytes}. Kind 0: the bytes are a
 * snapshot; kind 1: an encoded command envelope to apply at that index.
 *
 * @param stateHash hash of the state after it, so that a follower notices when it has strayed
 */
public record MetadataEvent(boolean snapshot, long index, long stateHash, byte[] bytes) {
  /** The bytes. */
  public ByteBuffer encode() {
    ByteBuffer out = Fields.allocate(1 + 2 * Long.BYTES + bytes.length);
    out.put((byte) (snapshot ? 0 : 1)).putLong(index).putLong(stateHash);
    return out.put(bytes).flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static MetadataEvent decode(ByteBuffer body) {
    return Fields.decode(
        "METADATA_CHANGE",
        body,
        in -> {
          boolean snapshot = in.get() == 0;
          long index = in.getLong();
          long hash = in.getLong();
          return new MetadataEvent(snapshot, index, hash, Fields.getRest(in));
        });
  }

  /** Body of WATCH_METADATA. */
  public static ByteBuffer encodeWatch(long knownIndex) {
    return Fields.allocate(Long.BYTES).putLong(knownIndex).flip();
  }

  /** Reads what {@link #encodeWatch} wrote. */
  public static long decodeWatch(ByteBuffer body) {
    return Fields.decode("WATCH_METADATA", body, ByteBuffer::getLong);
  }
}
