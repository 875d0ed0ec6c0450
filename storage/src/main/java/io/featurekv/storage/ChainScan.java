package io.featurekv.storage;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Merges the files of a chain in key order; the newest file that has a key decides about it. One
 * page, one thread.
 */
final class ChainScan implements AutoCloseable {
  /** Cursors that stand at an entry, newest first. */
  private final List<EntryCursor> live = new ArrayList<>();

  private final List<EntryCursor> opened = new ArrayList<>();

  private final long readTimeSeconds;

  ChainScan(List<ShardReader> newestFirst, long readTimeSeconds) {
    this.readTimeSeconds = readTimeSeconds;
    try {
      for (ShardReader reader : newestFirst) {
        opened.add(reader.cursor());
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  static void refuseUnordered(ShardFileSpec spec) {
    if (spec.kind() == TableKind.MEM) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "table '"
              + spec.id().table()
              + "' is of kind mem, which keeps no key order: only tables of kind idx and blk can be scanned");
    }
  }

  ScanPage page(
      byte @Nullable [] from,
      boolean inclusive,
      byte @Nullable [] to,
      int maxEntries,
      int maxBytes) {
    if (maxEntries < 1) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "a scan page: expected room for 1 entry or more, found " + maxEntries);
    }
    try {
      start(from, inclusive);
      return collect(to, maxEntries, maxBytes);
    } catch (IndexOutOfBoundsException | InternalError e) {
      throw new FeatureKvException(
          ErrorCode.CORRUPT, "a shard file cannot be read: " + e.getMessage(), e);
    }
  }

  private void start(byte @Nullable [] from, boolean inclusive) {
    for (EntryCursor cursor : opened) {
      boolean isThere = from == null ? cursor.first() : cursor.seek(from);
      if (isThere && from != null && !inclusive && isAt(cursor, from)) {
        isThere = cursor.next();
      }
      if (isThere) {
        live.add(cursor);
      }
    }
  }

  private ScanPage collect(byte @Nullable [] to, int maxEntries, int maxBytes) {
    List<ScanPage.Entry> entries = new ArrayList<>();
    long bytes = 0;
    byte[] last = null;
    for (EntryCursor first = least(); first != null; first = least()) {
      byte[] key = copy(first.keyAddress(), first.keyLength());
      if (to != null && Arrays.compareUnsigned(key, to) >= 0) {
        break;
      }
      if (last != null && Arrays.compareUnsigned(last, key) >= 0) {
        throw new FeatureKvException(
            ErrorCode.CORRUPT, "a shard file is damaged: its keys do not ascend");
      }
      last = key;
      if (isThere(first)) {
        if (entries.size() == maxEntries || (!entries.isEmpty() && bytes >= maxBytes)) {
          return new ScanPage(entries, true);
        }
        entries.add(new ScanPage.Entry(key, copy(first.valueAddress(), first.valueLength())));
        bytes += key.length + first.valueLength();
      }
      passBy(key);
    }
    return new ScanPage(entries, false);
  }

  /** The cursor at the least key, the newest of several; null at the end. */
  private @Nullable EntryCursor least() {
    EntryCursor least = null;
    for (EntryCursor cursor : live) {
      if (least == null || compare(cursor, least) < 0) {
        least = cursor;
      }
    }
    return least;
  }

  /** Moves every cursor that stands at a key. */
  private void passBy(byte[] key) {
    live.removeIf(cursor -> isAt(cursor, key) && !cursor.next());
  }

  private boolean isThere(EntryCursor cursor) {
    int expiry = cursor.expirySeconds();
    return !cursor.isTombstone()
        && (expiry == ShardWriter.NO_EXPIRY || Integer.toUnsignedLong(expiry) > readTimeSeconds);
  }

  private static int compare(EntryCursor left, EntryCursor right) {
    return NativeMemory.compare(
        left.keyAddress(), left.keyLength(), right.keyAddress(), right.keyLength());
  }

  private static boolean isAt(EntryCursor cursor, byte[] key) {
    return cursor.keyLength() == key.length
        && NativeMemory.segment(cursor.keyAddress(), key.length)
                .mismatch(MemorySegment.ofArray(key))
            < 0;
  }

  private static byte[] copy(long address, int length) {
    byte[] bytes = new byte[length];
    NativeMemory.copy(address, bytes, 0, length);
    return bytes;
  }

  @Override
  public void close() {
    opened.forEach(EntryCursor::close);
  }
}
