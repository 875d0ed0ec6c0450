package io.featurekv.storage;

import io.featurekv.model.PieceList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.IntConsumer;
import java.util.zip.CRC32C;

/**
 * Reads a file from page 1 to its end, once, in order, and compares the checksum of all of it. The
 * bytes that someone wants are copied on the way. One thread.
 */
final class BodyReader implements AutoCloseable {
  /** Large enough for a disk, small enough to be in a cache when it is looked at again. */
  private static final int BUFFER_BYTES = 1 << 20;

  private final Path file;
  private final UncachedFile opened;
  private final SealRecord seal;
  private final IntConsumer paceBytes;
  private final VirtualMemory memory = VirtualMemory.allocate(BUFFER_BYTES);
  private final ByteBuffer buffer = memory.segment().asByteBuffer();
  private final CRC32C ofPiece = new CRC32C();
  private final CRC32C ofPieces = new CRC32C();
  private long at;

  /** Where the bytes in the buffer begin in the file. */
  private long bufferStart;

  /** Of a file that the caller closes. */
  BodyReader(Path file, UncachedFile opened, SealRecord seal, IntConsumer paceBytes) {
    this.file = file;
    this.opened = opened;
    this.seal = seal;
    this.paceBytes = paceBytes;
    this.at = seal.pageSize();
    this.bufferStart = at;
    buffer.limit(0);
  }

  /** Reads on to {@code offset} and copies what follows there. */
  void copy(long offset, long length, long target) throws IOException {
    skipTo(offset);
    long left = length;
    long to = target;
    while (left > 0) {
      fill();
      int part = (int) Math.min(left, bufferStart + buffer.limit() - at);
      NativeMemory.copy(memory.address() + (at - bufferStart), to, part);
      at += part;
      to += part;
      left -= part;
    }
  }

  private void skipTo(long offset) throws IOException {
    if (offset < at) {
      throw FileErrors.corrupt(file, "its parts are out of order at byte " + offset);
    }
    while (at < offset) {
      fill();
      at = Math.min(offset, bufferStart + buffer.limit());
    }
  }

  /** Reads the rest and compares. */
  void skipRest() throws IOException {
    skipTo(seal.lengthBytes());
    endPiece();
    seal.checkBody(
        file, (int) (seal.formatVersion() == 1 ? ofPiece.getValue() : ofPieces.getValue()));
  }

  private void fill() throws IOException {
    if (at < bufferStart + buffer.limit()) {
      return;
    }
    bufferStart = at;
    long pieceEnd = (at / PieceList.PIECE_BYTES + 1) * PieceList.PIECE_BYTES;
    long most = Math.min(seal.lengthBytes(), pieceEnd) - at;
    int wanted = (int) Math.min(BUFFER_BYTES, most);
    int count = wanted > 0 ? opened.read(memory.address(), wanted, at) : 0;
    if (count <= 0) {
      throw FileErrors.corrupt(file, "it ends at byte " + at + " while it is read");
    }
    buffer.clear().limit(count);
    if (at > seal.pageSize() && at % PieceList.PIECE_BYTES == 0 && seal.formatVersion() > 1) {
      endPiece();
    }
    ofPiece.update(buffer.duplicate());
    paceBytes.accept(count);
  }

  private void endPiece() {
    int value = (int) ofPiece.getValue();
    for (int i = 0; i < Integer.BYTES; i++) {
      ofPieces.update(value >>> (8 * i));
    }
    if (seal.formatVersion() > 1) {
      ofPiece.reset();
    }
  }

  /** Frees the buffer. Idempotent. */
  @Override
  public void close() {
    memory.close();
  }
}
