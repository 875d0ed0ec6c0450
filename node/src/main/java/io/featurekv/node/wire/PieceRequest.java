package io.featurekv.node.wire;

import java.nio.ByteBuffer;

/**
 * Body of GET_PIECE: {@code u32 piece | file reference}. The reply, PIECE, is {@code u32 CRC32C of
 * the bytes | bytes}.
 */
public record PieceRequest(FileKey file, int piece) {
  /** The bytes. */
  public ByteBuffer encode() {
    ByteBuffer out = Fields.allocate(Integer.BYTES + FileRef.bytes(file));
    out.putInt(piece);
    FileRef.put(out, file);
    return out.flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static PieceRequest decode(ByteBuffer body) {
    return Fields.decode(
        "GET_PIECE",
        body,
        in -> {
          int piece = in.getInt();
          return new PieceRequest(FileRef.get(in), piece);
        });
  }
}
