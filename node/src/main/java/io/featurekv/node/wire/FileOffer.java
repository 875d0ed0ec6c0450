package io.featurekv.node.wire;

import io.featurekv.model.PieceList;
import java.nio.ByteBuffer;

/**
 * Body of OFFER_FILE: {@code u32 attempt | file reference | piece list}. The reply is {@link
 * Offered}.
 *
 * @param attempt the task's attempt, so that a builder of an earlier attempt is refused
 */
public record FileOffer(FileKey file, int attempt, PieceList pieces) {
  /** The bytes. */
  public ByteBuffer encode() {
    ByteBuffer list = pieces.encode();
    ByteBuffer out = Fields.allocate(Integer.BYTES + FileRef.bytes(file) + list.remaining());
    out.putInt(attempt);
    FileRef.put(out, file);
    out.put(list);
    return out.flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static FileOffer decode(ByteBuffer body) {
    return Fields.decode(
        "OFFER_FILE",
        body,
        in -> {
          int attempt = in.getInt();
          FileKey file = FileRef.get(in);
          return new FileOffer(file, attempt, PieceList.decode(in.slice()));
        });
  }
}
