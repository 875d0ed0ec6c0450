package io.featurekv.node.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Body of PUT_PIECE: {@code u32 piece | u32 CRC32C | file reference | bytes}.
 *
 * @param bytes the piece, from position to limit; a view of the body
 */
public record PiecePut(FileKey file, int piece, int crc32c, ByteBuffer bytes) {
  /** How many bytes stand in front of those of the piece. */
  public int headerBytes() {
    return 2 * Integer.BYTES + FileRef.bytes(file);
  }

  /** Writes what stands in front of the piece. */
  public void putHeader(ByteBuffer out) {
    out.order(ByteOrder.LITTLE_ENDIAN).putInt(piece).putInt(crc32c);
    FileRef.put(out, file);
  }

  /** Reads a body, without copying the piece. */
  public static PiecePut decode(ByteBuffer body) {
    return Fields.decode(
        "PUT_PIECE",
        body,
        in -> {
          int piece = in.getInt();
          int crc = in.getInt();
          return new PiecePut(FileRef.get(in), piece, crc, in.slice());
        });
  }
}
