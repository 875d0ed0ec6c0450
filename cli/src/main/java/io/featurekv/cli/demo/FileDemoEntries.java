package io.featurekv.cli.demo;

import io.featurekv.cli.read.ClusterReader;
import io.featurekv.loader.InputSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The user's own files, the same at every version. What is right is taken from a scan of the
 * ordered table after the first load, so that the other kinds, and every later version, are checked
 * against it.
 */
final class FileDemoEntries implements DemoEntries {
  private record Entry(byte[] key, byte[] value) {}

  private final List<String> inputs;
  private final List<String> keyColumns;
  private volatile List<Entry> entries = List.of();

  FileDemoEntries(List<String> inputs, List<String> keyColumns) {
    this.inputs = List.copyOf(inputs);
    this.keyColumns = List.copyOf(keyColumns);
  }

  /** Takes what {@code table} holds for right. */
  void learn(ClusterReader reader, String table) {
    List<Entry> scanned = new ArrayList<>();
    reader.scanAll(table, (key, value) -> scanned.add(new Entry(key, value)));
    entries = List.copyOf(scanned);
  }

  @Override
  public long count() {
    return entries.size();
  }

  @Override
  public byte[] key(long entry) {
    return entries.get((int) entry).key();
  }

  @Override
  public boolean isValue(long version, long entry, byte[] value) {
    return Arrays.equals(entries.get((int) entry).value(), value);
  }

  @Override
  public InputSpec input(long version) {
    return new InputSpec(
        inputs, "auto", keyColumns, ":", "utf8", "", "utf8", Map.of(), "", "", false);
  }
}
