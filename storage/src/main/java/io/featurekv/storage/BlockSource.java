package io.featurekv.storage;

import com.github.luben.zstd.ZstdDictDecompress;
import io.featurekv.model.FeatureKvException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A mapped {@code blk} file and its dictionary. Any thread, while the file is open. */
final class BlockSource implements AutoCloseable {
  private static final AtomicLong NEXT_ID = new AtomicLong();

  private final long id = NEXT_ID.incrementAndGet();
  private final Path path;
  private final MemorySegment map;
  private final byte @Nullable [] dictionaryBytes;
  private final @Nullable ZstdDictDecompress dictionary;

  BlockSource(Path path, MemorySegment map, byte @Nullable [] dictionary) {
    this.path = path;
    this.map = map;
    this.dictionaryBytes = dictionary;
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
