package io.featurekv.storage;

import static io.featurekv.storage.ShardFileFormat.BLOB_CHUNK_BYTES;

/**
 * Lays blocks one behind the other into large values of a database, none across two of them, so
 * that LMDB's rounding to pages costs next to nothing. The only one to write pages until it is
 * finished. One thread.
 */
final class BlockStore implements AutoCloseable {
  private static final int UNIT = 1 << ShardFileFormat.BLOCK_UNIT_BITS;

  private final PageFileWriter pages;
  private final LmdbTreeWriter tree;
  private final VirtualMemory chunk = VirtualMemory.allocate(BLOB_CHUNK_BYTES);
  private int fill;
  private int chunks;
  private long end;

  BlockStore(PageFileWriter pages) {
    this.pages = pages;
    this.tree = new LmdbTreeWriter(pages);
  }

  /** Appends a block; returns where in the file it begins, a whole number of units. */
  long append(byte[] block, int length) {
    int padded = (length + UNIT - 1) & -UNIT;
    if (fill + padded > BLOB_CHUNK_BYTES) {
      endChunk();
    }
    long offset =
        pages.nextPage() * ShardFileFormat.PAGE_BYTES + LmdbImage.PAGE_HEADER_BYTES + fill;
    end = offset + padded;
    if (padded > BLOB_CHUNK_BYTES) {
      appendAlone(block, length, padded);
      return offset;
    }
    NativeMemory.copy(block, 0, chunk.address() + fill, length);
    NativeMemory.fill(chunk.address() + fill + length, padded - length, (byte) 0);
    fill += padded;
    return offset;
  }

  private void appendAlone(byte[] block, int length, int padded) {
    long page = pages.nextPage();
    pages.putOverflowHeader(padded);
    pages.put(block, 0, length);
    pages.put(new byte[UNIT], 0, padded - length);
    pages.padToPage();
    addChunk(padded, page);
  }

  private void endChunk() {
    if (fill > 0) {
      long page = pages.nextPage();
      pages.putOverflowHeader(fill);
      pages.put(chunk.address(), fill);
      pages.padToPage();
      addChunk(fill, page);
      fill = 0;
    }
  }

  private void addChunk(int length, long page) {
    tree.addChunk(chunks, length, page);
    chunks++;
  }

  /** Where the last block ends. */
  long end() {
    return end;
  }

  /** Writes what is left; the database, to be added to the file. */
  LmdbTreeWriter finish() {
    endChunk();
    return tree;
  }

  /** Frees its memory. Idempotent. */
  @Override
  public void close() {
    chunk.close();
  }
}
