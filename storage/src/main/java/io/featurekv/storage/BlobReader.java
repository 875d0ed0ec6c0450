package io.featurekv.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.IntConsumer;

/**
 * Reads bytes of a blob from its file, a chunk at a time, so that little of it is in memory. Cheap
 * where offsets ascend. One thread.
 */
final class BlobReader implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final Blob blob;
  private final IntConsumer paceBytes;
  private final VirtualMemory chunk = VirtualMemory.allocate(ShardFileFormat.BLOB_CHUNK_BYTES);
  private final ByteBuffer view = chunk.segment().asByteBuffer();
  private VirtualMemory scratch = VirtualMemory.allocate(ShardFileFormat.BLOB_CHUNK_BYTES);
  private int loaded = -1;

  BlobReader(Path file, FileChannel channel, Blob blob, IntConsumer paceBytes) {
    this.file = file;
    this.channel = channel;
    this.blob = blob;
    this.paceBytes = paceBytes;
  }

  /**
   * Address of a copy of some bytes, good until the next call; the caller has checked that they are
   * in the blob.
   */
  long read(long offset, int length) {
    int number = (int) (offset / ShardFileFormat.BLOB_CHUNK_BYTES);
    int within = (int) (offset % ShardFileFormat.BLOB_CHUNK_BYTES);
    if (within + (long) length <= ShardFileFormat.BLOB_CHUNK_BYTES) {
      load(number);
      return chunk.address() + within;
    }
    if (length > scratch.sizeBytes()) {
      scratch.close();
      scratch = VirtualMemory.allocate(length);
    }
    int copied = 0;
    while (copied < length) {
      load(number);
      int part = Math.min(length - copied, ShardFileFormat.BLOB_CHUNK_BYTES - within);
      NativeMemory.copy(chunk.address() + within, scratch.address() + copied, part);
      copied += part;
      within = 0;
      number++;
    }
    return scratch.address();
  }

  private void load(int number) {
    if (number == loaded) {
      return;
    }
    if (number >= blob.chunks().size()) {
      throw FileErrors.corrupt(file, "expected more than " + number + " chunks of a part");
    }
    Blob.Chunk at = blob.chunks().get(number);
    if (at.length() > ShardFileFormat.BLOB_CHUNK_BYTES) {
      throw FileErrors.corrupt(file, "a chunk of " + at.length() + " bytes");
    }
    view.clear().limit(at.length());
    loaded = -1;
    try {
      while (view.hasRemaining()) {
        long position = at.offset() + view.position();
        if (channel.read(view, position) < 0) {
          throw FileErrors.corrupt(file, "it ends at byte " + position + " while it is read");
        }
      }
    } catch (IOException e) {
      throw FileErrors.onRead(file, e);
    }
    loaded = number;
    paceBytes.accept(at.length());
  }

  /** Frees its buffers. Idempotent. */
  @Override
  public void close() {
    chunk.close();
    scratch.close();
  }
}
