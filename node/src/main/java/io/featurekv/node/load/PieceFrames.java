package io.featurekv.node.load;

import io.featurekv.model.PieceList;
import io.featurekv.node.wire.FileKey;
import io.featurekv.node.wire.PiecePut;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.UncachedFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.zip.CRC32C;

/**
 * Bodies of PUT_PIECE, read around the page cache to where they are sent from: a header ends where
 * its piece begins, and nothing is copied in between. Memory is kept for the next ones.
 * Thread-safe.
 */
public final class PieceFrames {
  /** Frames that are kept; as many more as there are pieces under way may be in use. */
  private static final int MAX_SPARE = 4;

  /** In front of a piece, which a direct read puts at such a place. */
  private static final int HEADER_ROOM = UncachedFile.ALIGNMENT;

  private final Deque<MemorySegment> spare = new ArrayDeque<>();

  /**
   * One body.
   *
   * @param body what is sent; in memory that stays for as long as somebody has it
   */
  record Frame(MemorySegment memory, ByteBuffer body, int pieceBytes) {}

  /**
   * Reads a piece.
   *
   * @param file from which it is read
   */
  Frame read(SealedShardFile sealed, UncachedFile file, int piece) throws IOException {
    int length = sealed.pieces().lengthOf(piece);
    long offset = PieceList.offsetOf(piece);
    int blocks = (length + UncachedFile.ALIGNMENT - 1) & -UncachedFile.ALIGNMENT;
    MemorySegment memory = take();
    int read = file.read(memory.address() + HEADER_ROOM, blocks, offset);
    if (read != length) {
      throw new IOException("ends at " + (offset + read));
    }
    ByteBuffer bytes = memory.asSlice(HEADER_ROOM, length).asByteBuffer();
    PiecePut put =
        new PiecePut(FileKey.own(sealed.spec().id()), piece, crcOf(sealed, piece, bytes), bytes);
    int headerBytes = put.headerBytes();
    ByteBuffer body =
        memory.asSlice(HEADER_ROOM - headerBytes, headerBytes + (long) length).asByteBuffer();
    put.putHeader(body.duplicate());
    return new Frame(memory, body, length);
  }

  /** As the writer took it; the receiver holds it against what comes. */
  private static int crcOf(SealedShardFile sealed, int piece, ByteBuffer bytes) {
    if (!sealed.pieceCrcs().isEmpty()) {
      return sealed.pieceCrcs().get(piece);
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  private MemorySegment take() {
    synchronized (spare) {
      MemorySegment kept = spare.pollFirst();
      if (kept != null) {
        return kept;
      }
    }
    return Arena.ofAuto()
        .allocate(HEADER_ROOM + (long) PieceList.PIECE_BYTES, UncachedFile.ALIGNMENT);
  }

  /**
   * Gives a frame back that was answered, and so is no longer being sent. Others are left to the
   * garbage collector.
   */
  void giveBack(Frame frame) {
    synchronized (spare) {
      if (spare.size() < MAX_SPARE) {
        spare.addFirst(frame.memory());
      }
    }
  }
}
