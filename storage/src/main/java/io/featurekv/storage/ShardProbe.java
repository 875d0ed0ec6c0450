package io.featurekv.storage;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Reads a few entries of an open file through its reader and compares them with what a cursor sees,
 * and a few records of every database with what LMDB itself reads.
 */
final class ShardProbe {
  /** Entries of the start of the file that are looked up. */
  private static final int SAMPLES = 8;

  private final Path file;
  private final ShardFileInfo info;
  private final ShardReader reader;

  ShardProbe(Path file, ShardFileInfo info, ShardReader reader) {
    this.file = file;
    this.info = info;
    this.reader = reader;
  }

  void run() {
    try {
      int found = compareEntries();
      long expected = Math.min(SAMPLES, info.entries() + info.tombstones());
      if (found != expected) {
        throw FileErrors.corrupt(
            file, "a probe: expected " + expected + " entries, found " + found);
      }
      compareWithLmdb();
    } catch (IndexOutOfBoundsException e) {
      throw FileErrors.corrupt(file, String.valueOf(e.getMessage()));
    } catch (InternalError e) {
      throw FileErrors.corrupt(file, "it cannot be read: " + e.getMessage());
    }
  }

  private int compareEntries() {
    KeyBatch batch = new KeyBatch(1);
    LookupWork work = new LookupWork(1);
    int seen = 0;
    try (LookupResult result = new LookupResult(1);
        EntryCursor cursor = reader.cursor()) {
      for (boolean has = cursor.first(); has && seen < SAMPLES; has = cursor.next()) {
        batch.reset(NativeMemory.segment(cursor.keyAddress(), cursor.keyLength()));
        batch.add(0, cursor.keyLength());
        result.reset(1);
        work.begin(batch, result, 0);
        for (int stage = 0; stage < reader.stages(); stage++) {
          reader.stage(stage, work, 0, 1);
        }
        compare(cursor, result);
        seen++;
      }
    }
    return seen;
  }

  private void compare(EntryCursor cursor, LookupResult result) {
    boolean isSame =
        switch (result.state(0)) {
          case LookupResult.FOUND ->
              !cursor.isTombstone()
                  && result
                          .value(0)
                          .mismatch(
                              NativeMemory.segment(cursor.valueAddress(), cursor.valueLength()))
                      < 0;
          case LookupResult.ABSENT -> cursor.isTombstone();
          default -> false;
        };
    if (!isSame) {
      throw FileErrors.corrupt(file, "a probe of one of the first keys gave another entry");
    }
  }

  private void compareWithLmdb() {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      SealRecord seal = SealRecord.read(file, channel);
      MemorySegment map = channel.map(FileChannel.MapMode.READ_ONLY, 0, seal.lengthBytes(), arena);
      LmdbImage image = LmdbImage.of(file, map);
      new LmdbProbe(file, image, ShardDatabases.of(info)).run();
    } catch (IOException e) {
      throw FileErrors.onRead(file, e);
    }
  }
}
