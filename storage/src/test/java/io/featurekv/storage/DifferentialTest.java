package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.KeyHash;
import io.featurekv.model.Limits;
import io.featurekv.model.TableKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random shard files of every shape against sorted maps, and against LMDB's own reading of the same
 * files. Every key that is looked up and every entry that is walked over or scanned is one
 * operation; system property {@value #OPERATIONS_PROPERTY} says how many there are at least.
 */
class DifferentialTest {
  static final String OPERATIONS_PROPERTY = "featurekv.differential.operations";

  private static final long OPERATIONS = Long.getLong(OPERATIONS_PROPERTY, 10_000_000);
  private static final int MAX_BATCH = 500;
  private static final int SCANS = 40;
  private static final int LAST_EXPIRY = 4000;
  private static final long[] READ_TIMES = {0, 1000, 2500, LAST_EXPIRY, 0xFFFF_FFFEL};

  /** The parts of the kinds, in hundredths: a lookup in a block costs most. */
  private static final Map<TableKind, Integer> SHARES =
      new EnumMap<>(Map.of(TableKind.MEM, 50, TableKind.IDX, 40, TableKind.BLK, 10));

  private static final List<Case> CASES = cases();
  private static long operations;
  private static int casesRun;

  @TempDir Path directory;

  /**
   * One table.
   *
   * @param depth files of the chain
   * @param expected entries announced to the writer, as a multiple of the true count
   */
  record Case(
      TableKind kind,
      Shape shape,
      int depth,
      double expected,
      int blockEntries,
      boolean hasDictionary) {}

  enum Shape {
    EMPTY,
    SINGLE,
    MIXED,
    EQUAL_PREFIXES,
    ZERO_ENDS,
    FIXED,
    FIXED_BUT_FEW,
    EQUAL_HASHES
  }

  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (TableKind kind : TableKind.values()) {
      for (Shape shape : Shape.values()) {
        cases.add(new Case(kind, shape, 1, 1, 8, kind == TableKind.BLK));
      }
      for (int depth = 2; depth <= 5; depth++) {
        cases.add(new Case(kind, Shape.MIXED, depth, 1, 8, false));
      }
      cases.add(new Case(kind, Shape.EQUAL_PREFIXES, 3, 1, 1, false));
      cases.add(new Case(kind, Shape.ZERO_ENDS, 3, 1, 1, false));
      cases.add(new Case(kind, Shape.FIXED, 3, 1, 8, false));
    }
    for (Shape shape : List.of(Shape.MIXED, Shape.FIXED, Shape.FIXED_BUT_FEW, Shape.EQUAL_HASHES)) {
      for (double expected : new double[] {0, 0.01, 0.4, 0.8, 60}) {
        cases.add(new Case(TableKind.MEM, shape, 1, expected, 8, false));
      }
    }
    for (int blockEntries : new int[] {1, 64, 1024}) {
      cases.add(new Case(TableKind.BLK, Shape.MIXED, 2, 1, blockEntries, false));
      cases.add(new Case(TableKind.BLK, Shape.MIXED, 1, 1, blockEntries, true));
      cases.add(new Case(TableKind.BLK, Shape.EQUAL_PREFIXES, 1, 1, blockEntries, true));
      cases.add(new Case(TableKind.BLK, Shape.FIXED, 1, 1, blockEntries, false));
    }
    return List.copyOf(cases);
  }

  static Stream<Case> everyCase() {
    return CASES.stream();
  }

  @AfterAll
  static void countsItsOperations() {
    System.out.println(operations + " operations in " + casesRun + " of " + CASES.size());
    if (casesRun == CASES.size()) {
      assertThat(operations).isGreaterThanOrEqualTo(OPERATIONS);
    }
  }

  @ParameterizedTest
  @MethodSource("everyCase")
  void answersAsTheModelAndAsLmdb(Case table) throws IOException {
    Random random = TestShards.seeded();
    try (ModelChain model = new ModelChain(directory, table.kind())) {
      for (int i = 0; i < table.depth(); i++) {
        SortedMap<byte[], ModelChain.Item> items =
            i == 0 ? items(table.shape(), random) : increment(table, model, random);
        model.add(items, options(table, items));
      }
      for (int i = 0; i < table.depth(); i++) {
        OpenShardFile file = model.newestFirst().get(table.depth() - 1 - i);
        file.probe();
        operations += LmdbAgreement.assertAgrees(model.paths().get(i), file.info(), model.items(i));
        operations += assertWalks(table.kind(), file, model.items(i));
      }
      try (ShardChain chain = model.chain()) {
        if (table.kind() != TableKind.MEM) {
          assertScans(chain, model, random);
        }
        assertLookups(chain, model, random, quota(table.kind()));
      }
    }
    casesRun++;
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void agreesOnTheLargestValues(TableKind kind) throws IOException {
    Random random = TestShards.seeded();
    SortedMap<byte[], ModelChain.Item> items =
        ModelChain.items(TestShards.randomTable(random, 300));
    items.put(
        TestShards.bytes("largest"),
        new ModelChain.Item(TestShards.random(random, Limits.MAX_VALUE_BYTES), 77));
    items.put(TestShards.bytes("zeros"), ModelChain.Item.of(new byte[20 << 20]));
    items.put(
        TestShards.bytes("long"), ModelChain.Item.of(TestShards.random(random, (4 << 20) - 16)));
    try (ModelChain model = new ModelChain(directory, kind).add(items);
        ShardChain chain = model.chain()) {
      OpenShardFile file = model.newestFirst().getFirst();
      LmdbAgreement.assertAgrees(model.paths().getFirst(), file.info(), items);
      assertWalks(kind, file, items);
      SortedMap<byte[], byte[]> table = model.at(0);
      TestShards.assertReads(chain, table, table.keySet());
      if (kind != TableKind.MEM) {
        ModelChain.assertSame(
            ModelChain.scanAll(chain, null, true, null, 100, 1 << 20, 77), model.at(77));
      }
    }
  }

  private static long quota(TableKind kind) {
    long cases = CASES.stream().filter(table -> table.kind() == kind).count();
    return OPERATIONS * SHARES.get(kind) / 100 / cases + 1;
  }

  private static ShardBuildOptions options(Case table, SortedMap<byte[], ModelChain.Item> items) {
    byte[] dictionary =
        table.hasDictionary()
            ? BlockDictionary.train(
                items.values().stream()
                    .map(ModelChain.Item::value)
                    .filter(value -> value != null)
                    .toList())
            : null;
    return new ShardBuildOptions(
        Math.round(items.size() * table.expected()), table.blockEntries(), dictionary);
  }

  private static SortedMap<byte[], ModelChain.Item> increment(
      Case table, ModelChain model, Random random) {
    SortedMap<byte[], ModelChain.Item> items = model.increment(random, 200, LAST_EXPIRY);
    List<byte[]> keys = List.copyOf(items(table.shape(), random).keySet());
    for (int i = 0; i < 500; i++) {
      items.put(keys.get(random.nextInt(keys.size())), ModelChain.Item.of(value(random, 100)));
    }
    return items;
  }

  private static SortedMap<byte[], ModelChain.Item> items(Shape shape, Random random) {
    SortedMap<byte[], ModelChain.Item> items = ModelChain.noItems();
    switch (shape) {
      case EMPTY -> {}
      case SINGLE -> put(items, TestShards.random(random, 1 + random.nextInt(500)), random, 50);
      case MIXED -> {
        for (int i = 0; i < 6000; i++) {
          int most = i % 200 == 0 ? 6000 : 150;
          put(
              items,
              TestShards.random(random, 1 + random.nextInt(i % 10 == 0 ? 500 : 24)),
              random,
              random.nextInt(most));
        }
        ModelChain.withExpiries(items, random, LAST_EXPIRY);
      }
      case EQUAL_PREFIXES -> {
        byte[] common = TestShards.random(random, 20 + random.nextInt(30));
        for (int cluster = 0; cluster < 8; cluster++) {
          byte[] prefix = joined(common, TestShards.random(random, random.nextInt(400)));
          for (int i = 0; i < 600; i++) {
            byte[] end = TestShards.random(random, random.nextInt(12));
            put(items, joined(prefix, end), random, random.nextInt(60));
          }
        }
      }
      case ZERO_ENDS -> {
        for (int i = 0; i < 700; i++) {
          byte[] start = TestShards.random(random, random.nextInt(i % 3 == 0 ? 3 : 14));
          for (int zeros = start.length == 0 ? 1 : 0; zeros < 8; zeros++) {
            put(items, Arrays.copyOf(start, start.length + zeros), random, random.nextInt(20));
          }
        }
        for (int zeros = 1; zeros <= 300; zeros++) {
          put(items, new byte[zeros], random, random.nextInt(60));
        }
      }
      case FIXED, FIXED_BUT_FEW -> {
        for (int i = 0; i < 12_000; i++) {
          put(items, TestShards.random(random, 16), random, 100);
        }
        for (int i = 0; shape == Shape.FIXED_BUT_FEW && i < 400; i++) {
          put(items, TestShards.random(random, 15 + i % 3), random, random.nextInt(300));
        }
        if (shape == Shape.FIXED_BUT_FEW) {
          items.replaceAll(
              (key, item) ->
                  random.nextInt(30) > 0
                      ? item
                      : new ModelChain.Item(item.value(), ModelChain.expiry(random, LAST_EXPIRY)));
        }
      }
      case EQUAL_HASHES -> {
        for (int i = 0; i < 1000; i++) {
          putPairOfEqualHashes(items, random);
        }
        putAllOfOneHash(items, random, 1200);
        putAllOfOneHash(items, random, 40);
        for (int i = 0; i < 3000; i++) {
          put(items, TestShards.random(random, 32), random, 100);
        }
      }
    }
    return items;
  }

  private static void put(
      SortedMap<byte[], ModelChain.Item> items, byte[] key, Random random, int valueLength) {
    byte[] whole = key.length == 0 ? new byte[] {1} : key;
    items.put(
        Arrays.copyOf(whole, Math.min(whole.length, Limits.MAX_KEY_BYTES)),
        ModelChain.Item.of(value(random, valueLength)));
  }

  private static byte[] value(Random random, int length) {
    return random.nextBoolean()
        ? TestShards.record(random, length)
        : TestShards.random(random, length);
  }

  private static byte[] joined(byte[] start, byte[] end) {
    return ByteBuffer.allocate(start.length + end.length).put(start).put(end).array();
  }

  /** XXH3-64 of 16 bytes multiplies two words that the key alone decides: zero makes it vanish. */
  private static void putPairOfEqualHashes(
      SortedMap<byte[], ModelChain.Item> items, Random random) {
    long low = 0x6782737BEA4239B9L;
    long high = 0xAF56BC3B0996523AL;
    long free = random.nextLong();
    byte[] left = words(low, high ^ free);
    byte[] right = words(low ^ Long.reverseBytes(free), high);
    assertThat(KeyHash.of(left)).isEqualTo(KeyHash.of(right));
    put(items, left, random, 100);
    put(items, right, random, random.nextInt(3) == 0 ? 7 : 100);
  }

  /** The first eight bytes of the secret make one product of XXH3-64 of 32 bytes zero. */
  private static void putAllOfOneHash(
      SortedMap<byte[], ModelChain.Item> items, Random random, int count) {
    long secret = 0xBE4BA423396CFEB8L;
    long third = random.nextLong();
    long fourth = random.nextLong();
    long hash = KeyHash.of(words(secret, 0, third, fourth));
    for (int i = 0; i < count; i++) {
      byte[] key = words(secret, random.nextLong(), third, fourth);
      assertThat(KeyHash.of(key)).isEqualTo(hash);
      put(items, key, random, 100);
    }
  }

  private static byte[] words(long... words) {
    ByteBuffer bytes =
        ByteBuffer.allocate(words.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long word : words) {
      bytes.putLong(word);
    }
    return bytes.array();
  }

  /** Walks a file in the order in which it was written. */
  private static long assertWalks(
      TableKind kind, OpenShardFile file, SortedMap<byte[], ModelChain.Item> items) {
    try (EntryCursor cursor = file.reader().cursor()) {
      boolean has = cursor.first();
      for (byte[] key : TestShards.ordered(kind, items.keySet())) {
        ModelChain.Item item = items.get(key);
        assertThat(has).isTrue();
        assertThat(bytes(cursor.keyAddress(), cursor.keyLength())).isEqualTo(key);
        assertThat(cursor.isTombstone()).isEqualTo(item.value() == null);
        assertThat(cursor.expirySeconds()).isEqualTo(item.expiry());
        byte[] value = bytes(cursor.valueAddress(), cursor.valueLength());
        assertThat(Arrays.equals(value, item.value() == null ? new byte[0] : item.value()))
            .isTrue();
        has = cursor.next();
      }
      assertThat(has).isFalse();
    }
    return items.size();
  }

  private static byte[] bytes(long address, int length) {
    return NativeMemory.segment(address, length).toArray(ValueLayout.JAVA_BYTE);
  }

  private static void assertScans(ShardChain chain, ModelChain model, Random random) {
    List<byte[]> keys = wanted(model.latest(), random);
    for (long readTime : READ_TIMES) {
      SortedMap<byte[], byte[]> table = model.at(readTime);
      ModelChain.assertSame(
          ModelChain.scanAll(chain, null, true, null, 1000, 1 << 20, readTime), table);
      operations += table.size();
      for (int i = 0; i < SCANS; i++) {
        byte[] from = random.nextInt(8) == 0 ? null : keys.get(random.nextInt(keys.size()));
        byte[] to = random.nextInt(8) == 0 ? null : keys.get(random.nextInt(keys.size()));
        boolean inclusive = random.nextBoolean();
        SortedMap<byte[], byte[]> expected = range(table, from, inclusive, to);
        if (expected.size() > 500) {
          // Long runs take short ones' time, and show no more.
          to = expected.keySet().stream().skip(500).findFirst().orElseThrow();
          expected = range(table, from, inclusive, to);
        }
        ModelChain.assertSame(
            ModelChain.scanAll(
                chain,
                from,
                inclusive,
                to,
                1 + random.nextInt(60),
                1 + random.nextInt(20_000),
                readTime),
            expected);
        operations += expected.size();
      }
    }
  }

  private static SortedMap<byte[], byte[]> range(
      SortedMap<byte[], byte[]> table, byte[] from, boolean inclusive, byte[] to) {
    byte[] first =
        from == null ? new byte[0] : inclusive ? from : Arrays.copyOf(from, from.length + 1);
    if (to == null) {
      return table.tailMap(first);
    }
    return Arrays.compareUnsigned(first, to) >= 0
        ? TestShards.emptyTable()
        : table.subMap(first, to);
  }

  /** Keys that are there, and ones that are nearly there. */
  private static List<byte[]> wanted(SortedMap<byte[], ModelChain.Item> items, Random random) {
    List<byte[]> keys = new ArrayList<>(items.keySet());
    int present = keys.size();
    for (int i = 0; i < 500 + present / 3; i++) {
      keys.add(TestShards.random(random, 1 + random.nextInt(i % 10 == 0 ? 500 : 20)));
      byte[] near = present == 0 ? new byte[] {0} : keys.get(random.nextInt(present)).clone();
      keys.add(
          switch (i % 4) {
            case 0 -> Arrays.copyOf(near, Math.min(Limits.MAX_KEY_BYTES, near.length + 1));
            case 1 -> Arrays.copyOf(near, Math.max(1, near.length - 1));
            case 2 -> flipped(near, near.length - 1);
            default -> flipped(near, random.nextInt(near.length));
          });
    }
    return keys;
  }

  private static byte[] flipped(byte[] key, int at) {
    key[at] ^= 1;
    return key;
  }

  /** Looks up so many keys in batches of all sizes, some keys twice, at all times. */
  private static void assertLookups(ShardChain chain, ModelChain model, Random random, long count) {
    List<byte[]> keys = wanted(model.latest(), random);
    long done = 0;
    try (Arena arena = Arena.ofConfined();
        LookupResult result = new LookupResult(MAX_BATCH)) {
      long[] offsets = new long[keys.size()];
      MemorySegment all = arena.allocate(keys.stream().mapToLong(key -> key.length).sum());
      long end = 0;
      for (int i = 0; i < offsets.length; i++) {
        offsets[i] = end;
        MemorySegment.copy(keys.get(i), 0, all, ValueLayout.JAVA_BYTE, end, keys.get(i).length);
        end += keys.get(i).length;
      }
      KeyBatch batch = new KeyBatch(MAX_BATCH);
      BatchLookup lookup = new BatchLookup(MAX_BATCH);
      List<ShardChain> chains = List.of(chain);
      int[] asked = new int[MAX_BATCH];
      for (int time = 0; time < READ_TIMES.length; time++) {
        SortedMap<byte[], byte[]> table = model.at(READ_TIMES[time]);
        byte[][] expected = keys.stream().map(table::get).toArray(byte[][]::new);
        while (done * READ_TIMES.length < count * (time + 1)) {
          int size = 1 + random.nextInt(MAX_BATCH);
          batch.reset(all);
          for (int i = 0; i < size; i++) {
            boolean isAgain = i > 0 && random.nextInt(16) == 0;
            asked[i] = isAgain ? asked[random.nextInt(i)] : random.nextInt(offsets.length);
            batch.add(offsets[asked[i]], keys.get(asked[i]).length);
          }
          batch.route(1);
          result.reset(size);
          lookup.lookup(batch, chains, READ_TIMES[time], result);
          for (int i = 0; i < size; i++) {
            assertAnswer(result, i, expected[asked[i]], keys.get(asked[i]));
          }
          done += size;
        }
      }
    }
    operations += done;
  }

  private static void assertAnswer(LookupResult result, int place, byte[] expected, byte[] key) {
    boolean isRight =
        expected == null
            ? result.state(place) == LookupResult.ABSENT
            : result.state(place) == LookupResult.FOUND
                && result.length(place) == expected.length
                && result.value(place).mismatch(MemorySegment.ofArray(expected)) < 0;
    if (!isRight) {
      assertThat(result.state(place))
          .as("key %s: %s", Arrays.toString(key), result.failure(place))
          .isEqualTo(expected == null ? LookupResult.ABSENT : LookupResult.FOUND);
      assertThat(TestShards.value(result, place)).as(Arrays.toString(key)).isEqualTo(expected);
    }
  }
}
