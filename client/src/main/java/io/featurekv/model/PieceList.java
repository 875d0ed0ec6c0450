package io.featurekv.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * The pieces of one file: its length and the SHA-256 of each piece of {@link #PIECE_BYTES} (the
 * last may be shorter).
 *
 * <p>The file's digest is {@code SHA-256(length as u64 little-endian, then every piece's SHA-256 in
 * order)}. It stands in the metadata and proves this list, which travels with the file and proves
 * each piece.
 *
 * <p>Encoded: {@code u64 length | 32 bytes per piece}, little-endian.
 */
public record PieceList(long lengthBytes, List<Digest> pieces) {
  /** Length of every piece but the last. */
  public static final int PIECE_BYTES = 4 << 20;

  public PieceList {
    pieces = List.copyOf(pieces);
    if (lengthBytes < 0 || pieces.size() != pieceCount(lengthBytes)) {
      throw new FeatureKvException(
          ErrorCode.CORRUPT,
          "a file of "
              + lengthBytes
              + " bytes has "
              + pieceCount(lengthBytes)
              + " pieces, the list has "
              + pieces.size());
    }
  }

  /** How many pieces a file of this length has; an empty file has none. */
  public static int pieceCount(long lengthBytes) {
    return (int) ((lengthBytes + PIECE_BYTES - 1) / PIECE_BYTES);
  }

  /** Where a piece starts in the file. */
  public static long offsetOf(int piece) {
    return (long) piece * PIECE_BYTES;
  }

  /** How long a piece is. */
  public int lengthOf(int piece) {
    return (int) Math.min(PIECE_BYTES, lengthBytes - offsetOf(piece));
  }

  /** The digest of the whole file. */
  public Digest digest() {
    MessageDigest sha256 = Digest.sha256();
    sha256.update(encode());
    return Digest.of(sha256.digest());
  }

  /** The bytes described above. */
  public ByteBuffer encode() {
    ByteBuffer out =
        ByteBuffer.allocate(Long.BYTES + pieces.size() * Digest.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(lengthBytes);
    for (Digest piece : pieces) {
      out.put(piece.toBytes());
    }
    return out.flip();
  }

  /**
   * Reads what {@link #encode()} wrote, to the end of {@code in}.
   *
   * @throws FeatureKvException with {@link ErrorCode#CORRUPT} when the length and the count of
   *     pieces disagree
   */
  public static PieceList decode(ByteBuffer in) {
    ByteBuffer source = in.order(ByteOrder.LITTLE_ENDIAN);
    if (source.remaining() < Long.BYTES || (source.remaining() - Long.BYTES) % Digest.BYTES != 0) {
      throw new FeatureKvException(
          ErrorCode.CORRUPT, "a piece list of " + source.remaining() + " bytes cannot be");
    }
    long lengthBytes = source.getLong();
    List<Digest> pieces = new ArrayList<>(source.remaining() / Digest.BYTES);
    byte[] piece = new byte[Digest.BYTES];
    while (source.hasRemaining()) {
      source.get(piece);
      pieces.add(Digest.of(piece));
    }
    return new PieceList(lengthBytes, pieces);
  }
}
