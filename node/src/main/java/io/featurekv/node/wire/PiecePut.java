package io.featurekv.node.wire;

import java.nio.ByteBuffer;

/**
 * Body of PUT_PIECE: {@code u32 piece | u32 CRC32C | file reference | bytes}.
 *
 * @param bytes the piece, from position to limit; a view of the body
 */
public record PiecePut(FileKey file, int piece, int crc32c, ByteBuffer bytes) {
  /** The bytes. */
  public ByteBuffer encode() {
    ByteBuffer out = Fields.allocate(2 * Integer.BYTES + FileRef.bytes(file) + bytes.remaining());
    out.putInt(piece).putInt(crc32c);
    FileRef.put(out, file);
    out.put(bytes.duplicate());
    return out.flip();
  }

  /** Reads what {@link #encode} wrote, without copying the piece. */
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
