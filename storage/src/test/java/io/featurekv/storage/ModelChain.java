package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.KeyHash;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A chain of shard files that is built file by file, and the sorted maps that it must agree with.
 */
final class ModelChain implements AutoCloseable {
  private final Path directory;
  private final TableKind kind;
  private final List<SortedMap<byte[], Item>> oldestFirst = new ArrayList<>();
  private final List<OpenShardFile> newestFirst = new ArrayList<>();
  private final List<Path> paths = new ArrayList<>();

  /** What a file says of a key: a null value is a tombstone. */
  record Item(byte[] value, int expiry) {
    static final Item TOMBSTONE = new Item(null, ShardWriter.NO_EXPIRY);

    static Item of(byte[] value) {
      return new Item(value, ShardWriter.NO_EXPIRY);
    }

    boolean isThere(long readTime) {
      return value != null
          && (expiry == ShardWriter.NO_EXPIRY || Integer.toUnsignedLong(expiry) > readTime);
    }
  }

  ModelChain(Path directory, TableKind kind) {
    this.directory = directory;
    this.kind = kind;
  }

  static SortedMap<byte[], Item> noItems() {
    return new TreeMap<>(Arrays::compareUnsigned);
  }

  static SortedMap<byte[], Item> items(SortedMap<byte[], byte[]> table) {
    SortedMap<byte[], Item> items = noItems();
    table.forEach((key, value) -> items.put(key, value == null ? Item.TOMBSTONE : Item.of(value)));
    return items;
  }

  /** Builds and opens the next file: a full one first, then increments. */
  ModelChain add(SortedMap<byte[], Item> items) {
    return add(items, ShardBuildOptions.forEntries(items.size()));
  }

  ModelChain add(SortedMap<byte[], Item> items, ShardBuildOptions options) {
    Path path = directory.resolve(kind.word() + "-" + (oldestFirst.size() + 1) + ".mdb");
    ShardFileSpec spec = spec(oldestFirst.size() + 1);
    write(path, spec, items, options);
    oldestFirst.add(items);
    paths.add(path);
    newestFirst.addFirst(ShardFiles.open(path, spec));
    return this;
  }

  ShardFileSpec spec(int version) {
    return TestShards.spec(kind, version == 1 ? UpdateMode.FULL : UpdateMode.INCREMENTAL, version);
  }

  static SealedShardFile write(
      Path path, ShardFileSpec spec, SortedMap<byte[], Item> items, ShardBuildOptions options) {
    try (ShardWriter writer = ShardFiles.create(path, spec, options)) {
      for (byte[] key : TestShards.ordered(spec.kind(), items.keySet())) {
        Item item = items.get(key);
        if (item.value() == null) {
          writer.delete(key, 0, key.length);
        } else {
          writer.put(key, 0, key.length, item.value(), 0, item.value().length, item.expiry());
        }
      }
      return writer.seal();
    }
  }

  /** What a file of these items must give when it is read back. */
  static EntryTotals totals(SortedMap<byte[], Item> items) {
    long sum = 0;
    long tombstones = 0;
    for (Map.Entry<byte[], Item> each : items.entrySet()) {
      byte[] key = each.getKey();
      Item item = each.getValue();
      boolean isTombstone = item.value() == null;
      byte[] value = isTombstone ? new byte[0] : item.value();
      sum +=
          EntryChecksum.of(
              KeyHash.of(key),
              key,
              0,
              key.length,
              value,
              0,
              value.length,
              item.expiry(),
              isTombstone);
      tombstones += isTombstone ? 1 : 0;
    }
    return new EntryTotals(items.size() - tombstones, tombstones, sum);
  }

  /** A full file and increments of tombstones, changed, new and expiring entries. */
  static ModelChain random(
      Path directory, TableKind kind, Random random, int entries, int depth, int lastExpiry) {
    ModelChain model = new ModelChain(directory, kind);
    model.add(withExpiries(items(TestShards.randomTable(random, entries)), random, lastExpiry));
    for (int i = 1; i < depth; i++) {
      model.add(model.increment(random, entries / 10, lastExpiry));
    }
    return model;
  }

  /** Some of the entries get an expiry. */
  static SortedMap<byte[], Item> withExpiries(
      SortedMap<byte[], Item> items, Random random, int lastExpiry) {
    items.replaceAll(
        (key, item) ->
            item.value() == null || random.nextInt(6) > 0
                ? item
                : new Item(item.value(), expiry(random, lastExpiry)));
    return items;
  }

  /** Round ones, so that they are met exactly; now and then one that is negative as an int. */
  static int expiry(Random random, int last) {
    return random.nextInt(10) == 0 ? -1 - random.nextInt(3) : 1 + random.nextInt(last);
  }

  /** An increment on what there is. */
  SortedMap<byte[], Item> increment(Random random, int newKeys, int lastExpiry) {
    SortedMap<byte[], Item> items = items(TestShards.randomTable(random, newKeys));
    for (SortedMap<byte[], Item> older : oldestFirst) {
      for (byte[] key : older.keySet()) {
        switch (random.nextInt(12)) {
          case 0 -> items.put(key, Item.TOMBSTONE);
          case 1 -> items.put(key, Item.of(TestShards.record(random, random.nextInt(300))));
          case 2 ->
              items.put(key, new Item(new byte[random.nextInt(3)], expiry(random, lastExpiry)));
          default -> {}
        }
      }
    }
    items.put(TestShards.random(random, 40), Item.TOMBSTONE);
    return withExpiries(items, random, lastExpiry);
  }

  /** What is there at a time. */
  SortedMap<byte[], byte[]> at(long readTime) {
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    latest()
        .forEach(
            (key, item) -> {
              if (item.isThere(readTime)) {
                table.put(key, item.value());
              }
            });
    return table;
  }

  /** What the newest file that has a key says of it. */
  SortedMap<byte[], Item> latest() {
    SortedMap<byte[], Item> latest = noItems();
    oldestFirst.forEach(latest::putAll);
    return latest;
  }

  List<OpenShardFile> newestFirst() {
    return newestFirst;
  }

  SortedMap<byte[], Item> items(int file) {
    return oldestFirst.get(file);
  }

  List<Path> paths() {
    return paths;
  }

  ShardChain chain() {
    return ShardChain.of(newestFirst);
  }

  /** All pages of a scan. */
  static List<ScanPage.Entry> scanAll(
      ShardChain chain,
      byte[] from,
      boolean inclusive,
      byte[] to,
      int maxEntries,
      int maxBytes,
      long readTime) {
    List<ScanPage.Entry> all = new ArrayList<>();
    ScanPage page = chain.scan(from, inclusive, to, maxEntries, maxBytes, readTime);
    all.addAll(page.entries());
    while (page.more()) {
      assertThat(page.entries()).isNotEmpty().hasSizeLessThanOrEqualTo(maxEntries);
      page = chain.scan(all.getLast().key(), false, to, maxEntries, maxBytes, readTime);
      assertThat(page.entries()).isNotEmpty();
      all.addAll(page.entries());
    }
    return all;
  }

  static void assertSame(List<ScanPage.Entry> found, SortedMap<byte[], byte[]> expected) {
    assertThat(found.size()).isEqualTo(expected.size());
    int at = 0;
    for (byte[] key : expected.keySet()) {
      ScanPage.Entry entry = found.get(at++);
      if (!Arrays.equals(entry.key(), key) || !Arrays.equals(entry.value(), expected.get(key))) {
        assertThat(entry.key()).isEqualTo(key);
        assertThat(entry.value()).isEqualTo(expected.get(key));
      }
    }
  }

  @Override
  public void close() {
    newestFirst.forEach(OpenShardFile::close);
  }
}
