package io.featurekv.node.wire;

import java.nio.ByteBuffer;

/**
 * Body of GET_PIECE and PROVE_PIECE: {@code u32 piece | file reference}. The reply of the first,
 * PIECE, is {@code u32 CRC32C of the bytes | bytes}; that of the second, PIECE_STORED, is empty.
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
        "a piece's number",
        body,
        in -> {
          int piece = in.getInt();
          return new PieceRequest(FileRef.get(in), piece);
        });
  }
}
