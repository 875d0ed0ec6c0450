package io.featurekv.storage;

import static io.featurekv.storage.ShardFileFormat.BLOB_CHUNK_BYTES;

import java.nio.ByteBuffer;
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

  BlobWriter(PageFileWriter pages) {
    this.pages = pages;
    this.tree = new LmdbTreeWriter(pages);
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
    checksum.update(NativeMemory.segment(chunk.address(), chunkFill).asByteBuffer());
    pages.putOverflowHeader(chunkFill);
    pages.put(chunk.address(), chunkFill);
    pages.padToPage();
    byte[] key = ByteBuffer.allocate(Integer.BYTES).putInt(chunks).array();
    tree.addOverflow(key, 0, key.length, chunkFill, page);
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
    return checksum.getValue();
  }

  /** Frees its memory. Idempotent. */
  @Override
  public void close() {
    chunk.close();
  }
}
