package io.featurekv.storage;

import static io.featurekv.storage.ShardFileFormat.BLOB_CHUNK_BYTES;

import java.util.zip.CRC32C;

/**
 * Writes one long run of bytes as the values of a named database: keys are u32 big-endian from 0,
 * every value but the last has {@link ShardFileFormat#BLOB_CHUNK_BYTES}, which fill whole pages.
 * One thread.
 */
final class BlobWriter implements AutoCloseable {
  private final PageFileWriter pages;
  private final LmdbTreeWriter tree;
  private final VirtualMemory chunk = VirtualMemory.allocate(BLOB_CHUNK_BYTES);
  private int chunkFill;
  private int chunks;
  private long length;
  private final CRC32C checksum = new CRC32C();
  private final boolean isSummed;

  BlobWriter(PageFileWriter pages) {
    this(pages, false);
  }

  private BlobWriter(PageFileWriter pages, boolean isSummed) {
    this.pages = pages;
    this.tree = new LmdbTreeWriter(pages);
    this.isSummed = isSummed;
  }

  /** One that gives the {@link #checksum} of what was written. */
  static BlobWriter summed(PageFileWriter pages) {
    return new BlobWriter(pages, true);
  }

  /** Bytes written so far. */
  long length() {
    return length;
  }

  void write(long address, long count) {
    long from = address;
    long left = count;
    while (left > 0) {
      int part = (int) Math.min(left, BLOB_CHUNK_BYTES - chunkFill);
      NativeMemory.copy(from, chunk.address() + chunkFill, part);
      from += part;
      left -= part;
      advance(part);
    }
  }

  void write(byte[] bytes, int offset, int count) {
    int from = offset;
    int left = count;
    while (left > 0) {
      int part = Math.min(left, BLOB_CHUNK_BYTES - chunkFill);
      NativeMemory.copy(bytes, from, chunk.address() + chunkFill, part);
      from += part;
      left -= part;
      advance(part);
    }
  }

  /**
   * Room for the next bytes, to be written in place before {@link #wrote}; 0 where they do not lie
   * together, and are to be written from elsewhere.
   */
  long room(long count) {
    return count <= BLOB_CHUNK_BYTES - chunkFill ? chunk.address() + chunkFill : 0;
  }

  /** Takes as many bytes as there was room for. */
  void wrote(int count) {
    advance(count);
  }

  void writeLong(long value) {
    writeInt((int) value);
    writeInt((int) (value >>> Integer.SIZE));
  }

  void writeInt(int value) {
    if (chunkFill + Integer.BYTES <= BLOB_CHUNK_BYTES) {
      NativeMemory.putInt(chunk.address() + chunkFill, value);
      advance(Integer.BYTES);
    } else {
      writeShort((short) value);
      writeShort((short) (value >>> Short.SIZE));
    }
  }

  void writeShort(short value) {
    writeByte((byte) value);
    writeByte((byte) (value >>> Byte.SIZE));
  }

  private void writeByte(byte value) {
    NativeMemory.putByte(chunk.address() + chunkFill, value);
    advance(1);
  }

  void zeros(long count) {
    long left = count;
    while (left > 0) {
      int part = (int) Math.min(left, BLOB_CHUNK_BYTES - chunkFill);
      NativeMemory.fill(chunk.address() + chunkFill, part, (byte) 0);
      left -= part;
      advance(part);
    }
  }

  private void advance(int count) {
    chunkFill += count;
    length += count;
    if (chunkFill == BLOB_CHUNK_BYTES) {
      endChunk();
    }
  }

  private void endChunk() {
    long page = pages.nextPage();
    if (isSummed) {
      checksum.update(NativeMemory.segment(chunk.address(), chunkFill).asByteBuffer());
    }
    pages.putOverflowHeader(chunkFill);
    pages.put(chunk.address(), chunkFill);
    pages.padToPage();
    tree.addChunk(chunks, chunkFill, page);
    chunks++;
    chunkFill = 0;
  }

  /** Writes what is left; the database, to be added to the file. */
  LmdbTreeWriter finish() {
    if (chunkFill > 0) {
      endChunk();
    }
    return tree;
  }

  /** CRC32C of all of it, once finished. */
  long checksum() {
    if (!isSummed) {
      throw new IllegalStateException("nothing was summed up");
    }
    return checksum.getValue();
  }

  /** Frees its memory. Idempotent. */
  @Override
  public void close() {
    chunk.close();
  }
}
