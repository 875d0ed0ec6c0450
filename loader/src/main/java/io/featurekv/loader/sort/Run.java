package io.featurekv.loader.sort;

import io.featurekv.storage.EntryOrder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file of sorted records, one part after the other for each shard.
 *
 * @param starts where each shard's part begins, and the length of the file at the end
 * @param counts records of each shard
 * @param level how often its records have been merged
 */
record Run(
    Path path, FileChannel channel, EntryOrder order, long[] starts, long[] counts, int level) {
  /** The records of one shard; several cursors may be used at once, by one thread each. */
  RecordCursor cursor(int shard, int bufferBytes) {
    return new RunCursor(this, starts[shard], starts[shard + 1], bufferBytes);
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
