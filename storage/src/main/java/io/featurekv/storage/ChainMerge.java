package io.featurekv.storage;

import io.featurekv.model.KeyHash;
import io.featurekv.model.Limits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Merges a chain into one full file: the newest entry of a key decides, tombstones and what expired
 * long ago go. One thread, used once.
 */
final class ChainMerge {
  /** The pace is told of about so many bytes at a time. */
  private static final int PACE_BYTES = 256 << 10;

  private final List<OpenShardFile> newestFirst;
  private final ShardFileSpec spec;
  private final long dropExpiredBeforeSeconds;
  private final IntConsumer paceBytes;
  private final boolean isByHash;
  private final byte[] key = new byte[Limits.MAX_KEY_BYTES];
  private final byte[] other = new byte[Limits.MAX_KEY_BYTES];
  private byte[] value = new byte[64 << 10];
  private int unpaced;

  /** A cursor that stands at an entry, and the hash of its key where that is the order. */
  private static final class Source {
    final EntryCursor cursor;
    long hash;

    Source(EntryCursor cursor) {
      this.cursor = cursor;
    }
  }

  ChainMerge(
      List<OpenShardFile> newestFirst,
      ShardFileSpec spec,
      long dropExpiredBeforeSeconds,
      IntConsumer paceBytes) {
    this.newestFirst = List.copyOf(newestFirst);
    this.spec = spec;
    this.dropExpiredBeforeSeconds = dropExpiredBeforeSeconds;
    this.paceBytes = paceBytes;
    this.isByHash = EntryOrder.of(spec.kind()) == EntryOrder.BY_HASH;
  }

  SealedShardFile run(Path target, ShardBuildOptions options) {
    try {
      ShardBuildOptions chosen = isByHash ? counted(options) : likeTheFullFile(options);
      try (ShardWriter writer = ShardFiles.create(target, spec, chosen)) {
        withCursors(cursor -> write(cursor, writer));
        paceBytes.accept(unpaced);
        return writer.seal();
      }
    } catch (IndexOutOfBoundsException | InternalError e) {
      throw FileErrors.corrupt(target, "a file of the chain cannot be read: " + e.getMessage());
    }
  }

  /** Counts first: an index is sized by it, and the files of a {@code mem} chain are in memory. */
  private ShardBuildOptions counted(ShardBuildOptions options) {
    AtomicLong count = new AtomicLong();
    withCursors(
        cursor -> {
          if (stays(cursor)) {
            count.incrementAndGet();
          }
        });
    return new ShardBuildOptions(count.get(), options.blockEntries(), options.dictionary());
  }

  /** Compresses as the full file does, unless a dictionary was given. */
  private ShardBuildOptions likeTheFullFile(ShardBuildOptions options) {
    return options.dictionary() == null
        ? newestFirst.getLast().reader().builtWith(options.expectedEntries())
        : options;
  }

  private void withCursors(Consumer<EntryCursor> sink) {
    List<EntryCursor> cursors = new ArrayList<>();
    try {
      for (OpenShardFile file : newestFirst) {
        cursors.add(file.reader().cursor());
      }
      merge(cursors, sink);
    } finally {
      cursors.forEach(EntryCursor::close);
    }
  }

  private void merge(List<EntryCursor> cursors, Consumer<EntryCursor> sink) {
    List<Source> live = new ArrayList<>();
    for (EntryCursor cursor : cursors) {
      if (cursor.first()) {
        live.add(arrived(new Source(cursor)));
      }
    }
    while (!live.isEmpty()) {
      Source least = live.getFirst();
      for (Source source : live) {
        if (compare(source, least) < 0) {
          least = source;
        }
      }
      sink.accept(least.cursor);
      passBy(live, least);
    }
  }

  private Source arrived(Source source) {
    if (isByHash) {
      int length = source.cursor.keyLength();
      NativeMemory.copy(source.cursor.keyAddress(), other, 0, length);
      source.hash = KeyHash.of(other, 0, length);
    }
    return source;
  }

  private int compare(Source left, Source right) {
    int order = isByHash ? Long.compareUnsigned(left.hash, right.hash) : 0;
    return order != 0
        ? order
        : NativeMemory.compare(
            left.cursor.keyAddress(),
            left.cursor.keyLength(),
            right.cursor.keyAddress(),
            right.cursor.keyLength());
  }

  private boolean stays(EntryCursor cursor) {
    int expiry = cursor.expirySeconds();
    boolean isGone =
        expiry != ShardWriter.NO_EXPIRY
            && Integer.toUnsignedLong(expiry) < dropExpiredBeforeSeconds;
    return !cursor.isTombstone() && !isGone;
  }

  /** Copies the entry of the newest file, for a cursor's bytes end when it moves. */
  private void write(EntryCursor cursor, ShardWriter writer) {
    int keyLength = cursor.keyLength();
    int valueLength = cursor.valueLength();
    NativeMemory.copy(cursor.keyAddress(), key, 0, keyLength);
    if (stays(cursor)) {
      if (value.length < valueLength) {
        value = new byte[Math.max(valueLength, 2 * value.length)];
      }
      NativeMemory.copy(cursor.valueAddress(), value, 0, valueLength);
      writer.put(key, 0, keyLength, value, 0, valueLength, cursor.expirySeconds());
    }
    unpaced += keyLength + valueLength;
    if (unpaced >= PACE_BYTES) {
      paceBytes.accept(unpaced);
      unpaced = 0;
    }
  }

  /** Moves every source that stands at the key that was just written, the given one among them. */
  private void passBy(List<Source> live, Source least) {
    List<Source> ended = null;
    for (Source source : live) {
      if (source != least && compare(source, least) == 0) {
        if (source.cursor.next()) {
          arrived(source);
        } else {
          ended = ended == null ? new ArrayList<>() : ended;
          ended.add(source);
        }
      }
    }
    if (least.cursor.next()) {
      arrived(least);
    } else {
      live.remove(least);
    }
    if (ended != null) {
      live.removeAll(ended);
    }
  }
}
