package io.featurekv.loader.sort;

import io.featurekv.storage.EntryOrder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A file of sorted records, one part after the other for each shard.
 *
 * @param starts where each shard's part begins, and the length of the file at the end
 * @param counts records of each shard
 * @param marks positions at which a record begins, ascending, one every so often
 * @param level how often its records have been merged
 */
record Run(
    Path path,
    FileChannel channel,
    EntryOrder order,
    long[] starts,
    long[] counts,
    long[] marks,
    int level) {
  /** The records of one shard; several cursors may be used at once, by one thread each. */
  RecordCursor cursor(int shard, int bufferBytes) {
    return new RunCursor(this, starts[shard], starts[shard + 1], bufferBytes);
  }

  /** Cursors at places all over every shard, each up to the next place. */
  List<Supplier<RecordCursor>> places(int bufferBytes) {
    List<Supplier<RecordCursor>> places = new ArrayList<>();
    int mark = 0;
    for (int shard = 0; shard + 1 < starts.length; shard++) {
      long from = starts[shard];
      while (from < starts[shard + 1]) {
        while (mark < marks.length && marks[mark] <= from) {
          mark++;
        }
        long start = from;
        long end =
            mark < marks.length ? Math.min(marks[mark], starts[shard + 1]) : starts[shard + 1];
        places.add(() -> new RunCursor(this, start, end, bufferBytes));
        from = end;
      }
    }
    return places;
  }

  /** Closes and deletes the file. */
  void delete() {
    try {
      channel.close();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw DiskFailure.of("sorted run " + path + " cannot be deleted", e);
    }
  }
}
