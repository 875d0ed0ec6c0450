package io.featurekv.chaos.simulation;

import io.featurekv.model.Digest;
import io.featurekv.model.FileManifest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * What is in one simulated shard file: for each of a few keys the version and attempt that wrote
 * it, or nothing where the file does not say. So a value tells which file it is from.
 *
 * @param cells by key; 0: not in this file
 */
record FileContent(String name, long[] cells, FileManifest manifest) {
  static final int KEYS = 4;

  /** What a load of a version writes into a shard. */
  static FileContent built(
      String table, long tableId, long version, int attempt, int shard, boolean isFull) {
    long[] cells = new long[KEYS];
    long stamp = version * 1_000 + attempt;
    for (int key = 0; key < KEYS; key++) {
      cells[key] = isFull || (version + key + shard) % 2 == 0 ? stamp : 0;
    }
    return of(table + '/' + version + '/' + shard + " attempt " + attempt, tableId, shard, cells);
  }

  /** What a chain of files, newest first, reads as. */
  static long[] read(List<long[]> newestFirst) {
    long[] read = new long[KEYS];
    for (long[] cells : newestFirst) {
      for (int key = 0; key < KEYS; key++) {
        read[key] = read[key] == 0 ? cells[key] : read[key];
      }
    }
    return read;
  }

  /** The full file that a chain is merged into. */
  static FileContent merged(String what, long tableId, int shard, long[] read) {
    return of(what, tableId, shard, read);
  }

  private static FileContent of(String name, long tableId, int shard, long[] cells) {
    int entries = (int) Arrays.stream(cells).filter(cell -> cell != 0).count();
    long sum = Arrays.stream(cells).sum();
    ByteBuffer digest = ByteBuffer.allocate(Digest.BYTES);
    digest.putLong(Arrays.hashCode(cells) * 31L + entries);
    digest.putLong(tableId).putLong(name.hashCode()).putLong(shard);
    return new FileContent(
        name,
        cells,
        new FileManifest(
            100 + entries, Digest.of(digest.array()), entries, 0, OptionalLong.of(sum)));
  }

  /** The same file after a bit of it has flipped. */
  FileContent damaged() {
    long[] other = cells.clone();
    other[0] = -1;
    return new FileContent(name + " (damaged)", other, manifest);
  }

  Digest digest() {
    return manifest.digest();
  }

  long entries() {
    return manifest.entries();
  }

  long sum() {
    return manifest.entriesChecksum().orElseThrow();
  }

  @Override
  public String toString() {
    return name;
  }
}
