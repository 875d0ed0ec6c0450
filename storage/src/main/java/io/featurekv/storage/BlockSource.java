package io.featurekv.storage;

import com.github.luben.zstd.ZstdDictDecompress;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A mapped {@code blk} file as zstd sees it: through buffers, each of which holds every block that
 * begins in its window whole. Any thread, while the file is open.
 */
final class BlockSource implements AutoCloseable {
  private static final int WINDOW_BITS = 30;
  private static final long WINDOW_BYTES = 1L << WINDOW_BITS;
  private static final long OVERLAP_BYTES = Limits.MAX_VALUE_BYTES + (8L << 20);
  private static final AtomicLong NEXT_ID = new AtomicLong();

  private final long id = NEXT_ID.incrementAndGet();
  private final Path path;
  private final MemorySegment map;
  private final ByteBuffer[] windows;
  private final byte @Nullable [] dictionaryBytes;
  private final @Nullable ZstdDictDecompress dictionary;

  BlockSource(Path path, MemorySegment map, byte @Nullable [] dictionary) {
    this.path = path;
    this.map = map;
    this.dictionaryBytes = dictionary;
    int count = (int) ((map.byteSize() + WINDOW_BYTES - 1) >>> WINDOW_BITS);
    this.windows = new ByteBuffer[count];
    for (int i = 0; i < count; i++) {
      long from = (long) i << WINDOW_BITS;
      long length = Math.min(map.byteSize() - from, WINDOW_BYTES + OVERLAP_BYTES);
      windows[i] = map.asSlice(from, length).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
    if (dictionary == null) {
      this.dictionary = null;
    } else {
      NativeLibraries.prepare();
      this.dictionary = new ZstdDictDecompress(dictionary);
    }
  }

  /** Different for every opening. */
  long id() {
    return id;
  }

  long address() {
    return map.address();
  }

  long lengthBytes() {
    return map.byteSize();
  }

  ByteBuffer window(long offset) {
    return windows[(int) (offset >>> WINDOW_BITS)];
  }

  int inWindow(long offset) {
    return (int) (offset & WINDOW_BYTES - 1);
  }

  @Nullable ZstdDictDecompress dictionary() {
    return dictionary;
  }

  byte @Nullable [] dictionaryBytes() {
    return dictionaryBytes;
  }

  FeatureKvException corrupt(long offset, String what) {
    return FileErrors.corrupt(path, "the block at byte " + offset + ": " + what);
  }

  /** Frees the dictionary. */
  @Override
  public void close() {
    if (dictionary != null) {
      dictionary.close();
    }
  }
}
