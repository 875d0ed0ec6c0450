package io.featurekv.storage;

import io.featurekv.model.FeatureKvException;
import java.nio.file.Path;
import java.util.function.IntConsumer;

/**
 * Reads a {@code mem} file that lies whole in memory; see {@link MemLayout}. The stages are those
 * of {@link MemTables}.
 *
 * <p>The directory and the lengths of the parts were checked when the file was opened, so that a
 * slot is always inside; offsets into the heap are checked at each use.
 */
final class MemReader implements ShardReader {
  private final Path file;
  private final VirtualMemory memory;
  private final MemImage image;
  private final MemTables itself = new MemTables(1);
  private final long buckets;
  private final long bucketsEnd;
  private final long homes;
  private final long heap;
  private final long heapLength;

  MemReader(Path file, MemImage image) {
    this.file = file;
    this.memory = image.memory();
    this.image = image;
    this.buckets = image.buckets();
    this.bucketsEnd = image.index() + image.indexLength();
    this.homes = image.homeBuckets();
    this.heap = image.heap();
    this.heapLength = image.heapLength();
    itself.use(0, this);
  }

  MemImage image() {
    return image;
  }

  @Override
  public int stages() {
    return itself.stages();
  }

  @Override
  public void stage(int stage, LookupWork work, int from, int to) {
    itself.stage(stage, work, work.zeros(), from, to);
  }

  static long matches(long fingerprints, long hash) {
    return MemLayout.zeroBytes(fingerprints ^ (MemLayout.fingerprint(hash) * MemLayout.LOW_BITS));
  }

  static long entryOffset(long bucket, long matches) {
    int index = (Long.numberOfTrailingZeros(matches) >>> 3) & 7;
    return NativeMemory.getLong(bucket + 7 + 7L * index) >>> 8;
  }

  /**
   * Resolves a key from its bucket and the first entry whose fingerprint fits (the bucket for
   * none); leaves it UNRESOLVED where the heap does not have it.
   */
  void resolveInHeap(LookupWork work, int key, long bucket, long candidate) {
    long address = work.addresses[key];
    int length = work.lengths[key];
    long entry = candidate;
    if (candidate == bucket) {
      if (MemLayout.zeroBytes(NativeMemory.getLong(bucket)) != 0) {
        return;
      }
      entry = find(work.hashes[key], address, length);
    } else if (!isKey(candidate, address, length)) {
      entry = find(work.hashes[key], address, length);
    }
    if (entry != 0) {
      resolve(work, key, entry);
    }
  }

  /** Looks at every entry that could have the key; 0 where none has it. */
  private long find(long hash, long address, int length) {
    long bucket = buckets + MemLayout.multiplyHigh(hash, homes) * MemLayout.BUCKET_BYTES;
    while (bucket < bucketsEnd) {
      long fingerprints = NativeMemory.getLong(bucket);
      for (long matches = matches(fingerprints, hash); matches != 0; matches &= matches - 1) {
        long entry = heap + checked(entryOffset(bucket, matches));
        if (isKey(entry, address, length)) {
          return entry;
        }
      }
      if (MemLayout.zeroBytes(fingerprints) != 0) {
        return 0;
      }
      bucket += MemLayout.BUCKET_BYTES;
    }
    return 0;
  }

  private long checked(long offset) {
    if (offset > heapLength - MemLayout.ENTRY_HEADER_BYTES) {
      throw corrupt("an entry at " + offset + " of " + heapLength + " bytes");
    }
    return offset;
  }

  private boolean isKey(long entry, long address, int length) {
    if (NativeMemory.getU16(entry + 4) != length) {
      return false;
    }
    int flags = NativeMemory.getInt(entry);
    int head = MemImage.headBytes(flags);
    return entry - heap + head + length <= heapLength
        && NativeMemory.equal(entry + head, address, length);
  }

  private void resolve(LookupWork work, int key, long entry) {
    int flags = NativeMemory.getInt(entry);
    LookupResult result = work.result;
    if (flags >= 0 && (flags & MemLayout.FLAG_EXPIRY) == 0) {
      long value = entry + MemLayout.ENTRY_HEADER_BYTES + work.lengths[key];
      if (value - heap + flags > heapLength) {
        throw corrupt("a value leaves the heap");
      }
      result.found(key, value, flags);
      return;
    }
    int expiry =
        (flags & MemLayout.FLAG_EXPIRY) == 0
            ? ShardWriter.NO_EXPIRY
            : NativeMemory.getInt(entry + MemLayout.ENTRY_HEADER_BYTES);
    int length = flags & MemLayout.LENGTH_MASK;
    long value = entry + MemImage.headBytes(flags) + work.lengths[key];
    if (value - heap + length > heapLength) {
      throw corrupt("a value leaves the heap");
    }
    result.resolve(key, flags < 0, expiry, work.readTimeSeconds, value, length);
  }

  private FeatureKvException corrupt(String what) {
    return FileErrors.corrupt(file, what);
  }

  @Override
  public EntryCursor cursor() {
    return new MemCursor(image);
  }

  @Override
  public EntryTotals readBack(IntConsumer paceBytes) {
    MemBytes inMemory =
        new MemBytes() {
          @Override
          public long slots(long offset, int length) {
            return image.slots() + offset;
          }

          @Override
          public long heap(long offset, int length) {
            return image.heap() + offset;
          }
        };
    return new MemReadBack(file, image, inMemory).run();
  }

  @Override
  public long residentBytes() {
    return memory.sizeBytes();
  }

  @Override
  public void close() {
    memory.close();
  }
}
