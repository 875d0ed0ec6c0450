package io.featurekv.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Where the bytes of a blob lie in a file; see {@link ShardFileFormat}.
 *
 * @param chunks in the order of the blob
 */
record Blob(List<Chunk> chunks, long lengthBytes) {
  /** Bytes that lie together. */
  record Chunk(long offset, int length) {}

  Blob {
    chunks = List.copyOf(chunks);
  }

  static Blob of(LmdbTree tree) {
    LmdbImage image = tree.image();
    List<Chunk> chunks = new ArrayList<>();
    long length = 0;
    LmdbCursor cursor = new LmdbCursor(tree);
    for (boolean has = cursor.first(); has; has = cursor.next()) {
      long node = cursor.node();
      int bytes = image.dataLength(node);
      chunks.add(new Chunk(image.dataOffset(node), bytes));
      length += bytes;
    }
    return new Blob(chunks, length);
  }

  /** Copies all of it from the map of the file. */
  void copy(long map, long target) {
    long to = target;
    for (Chunk chunk : chunks) {
      NativeMemory.copy(map + chunk.offset(), to, chunk.length());
      to += chunk.length();
    }
  }

  /** CRC32C of some memory. */
  static long checksum(long address, long length) {
    CRC32C checksum = new CRC32C();
    long at = address;
    long left = length;
    while (left > 0) {
      long part = Math.min(left, 1 << 30);
      checksum.update(NativeMemory.segment(at, part).asByteBuffer());
      at += part;
      left -= part;
    }
    return checksum.getValue();
  }
}
