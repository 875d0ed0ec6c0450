package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.TableKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ExpiryTest {
  private static final byte[] KEY = TestShards.bytes("key");
  private static final byte[] VALUE = TestShards.bytes("value");

  @TempDir Path directory;

  static Stream<Arguments> everyKindAndExpiry() {
    return Stream.of(TableKind.values())
        .flatMap(
            kind ->
                Stream.of(1, 1_700_000_000, Integer.MAX_VALUE, Integer.MIN_VALUE, -1)
                    .map(expiry -> Arguments.of(kind, expiry)));
  }

  @ParameterizedTest
  @MethodSource("everyKindAndExpiry")
  void entryIsThereUpToTheSecondBeforeItsExpiry(TableKind kind, int expiry) {
    long seconds = Integer.toUnsignedLong(expiry);
    try (ModelChain model = new ModelChain(directory, kind).add(one(item(expiry)));
        ShardChain chain = model.chain()) {
      assertThat(isThere(chain, kind, 0)).isTrue();
      assertThat(isThere(chain, kind, seconds - 1)).isTrue();
      assertThat(isThere(chain, kind, seconds)).isFalse();
      assertThat(isThere(chain, kind, seconds + 1)).isFalse();
      assertThat(isThere(chain, kind, Long.MAX_VALUE)).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void entryWithoutExpiryNeverExpires(TableKind kind) {
    try (ModelChain model = new ModelChain(directory, kind).add(one(item(0)));
        ShardChain chain = model.chain()) {
      assertThat(isThere(chain, kind, 0)).isTrue();
      assertThat(isThere(chain, kind, Long.MAX_VALUE)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void expiredEntryHidesOlderOnes(TableKind kind) {
    try (ModelChain model = new ModelChain(directory, kind).add(one(item(0))).add(one(item(100)));
        ShardChain chain = model.chain()) {
      assertThat(isThere(chain, kind, 99)).isTrue();
      assertThat(isThere(chain, kind, 100)).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void newEntryReplacesAnExpiredOne(TableKind kind) {
    try (ModelChain model = new ModelChain(directory, kind).add(one(item(100))).add(one(item(0)));
        ShardChain chain = model.chain()) {
      assertThat(isThere(chain, kind, 100)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void tombstoneEndsAnEntryBeforeItsExpiry(TableKind kind) {
    try (ModelChain model =
            new ModelChain(directory, kind)
                .add(one(item(100)))
                .add(one(ModelChain.Item.TOMBSTONE));
        ShardChain chain = model.chain()) {
      assertThat(isThere(chain, kind, 0)).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void emptyValueCanExpire(TableKind kind) {
    try (ModelChain model =
            new ModelChain(directory, kind).add(one(new ModelChain.Item(new byte[0], 5)));
        ShardChain chain = model.chain()) {
      assertThat(isThere(chain, kind, 4)).isTrue();
      assertThat(isThere(chain, kind, 5)).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void entriesExpireOneByOne(TableKind kind) {
    Random random = TestShards.seeded();
    SortedMap<byte[], ModelChain.Item> items = ModelChain.noItems();
    for (int second = 1; second <= 3000; second++) {
      items.put(
          TestShards.bytes("k" + random.nextInt() + "." + second),
          new ModelChain.Item(TestShards.record(random, random.nextInt(80)), second));
    }
    try (ModelChain model = new ModelChain(directory, kind).add(items);
        ShardChain chain = model.chain();
        LookupResult result = new LookupResult(items.size())) {
      KeyBatch batch = TestShards.batchOf(List.copyOf(items.keySet()));
      for (int readTime = 0; readTime <= 3000; readTime += 250) {
        TestShards.lookup(chain, batch, readTime, result);
        int found = 0;
        for (int key = 0; key < items.size(); key++) {
          found += result.state(key) == LookupResult.FOUND ? 1 : 0;
        }
        assertThat(found).isEqualTo(3000 - readTime);
        assertThat(model.at(readTime)).hasSize(found);
        if (kind != TableKind.MEM) {
          ModelChain.assertSame(
              ModelChain.scanAll(chain, null, true, null, 100, 5000, readTime), model.at(readTime));
        }
      }
    }
  }

  private static ModelChain.Item item(int expiry) {
    return new ModelChain.Item(VALUE, expiry);
  }

  private static SortedMap<byte[], ModelChain.Item> one(ModelChain.Item item) {
    SortedMap<byte[], ModelChain.Item> items = ModelChain.noItems();
    items.put(KEY, item);
    return items;
  }

  /** Asks by a lookup and, where there are some, by a scan. */
  private static boolean isThere(ShardChain chain, TableKind kind, long readTime) {
    try (LookupResult result = new LookupResult(1)) {
      TestShards.lookup(chain, TestShards.batchOf(List.of(KEY)), readTime, result);
      boolean isFound = result.state(0) == LookupResult.FOUND;
      assertThat(isFound || result.state(0) == LookupResult.ABSENT).isTrue();
      if (kind != TableKind.MEM) {
        assertThat(chain.scan(null, true, null, 10, 1000, readTime).entries())
            .hasSize(isFound ? 1 : 0);
      }
      return isFound;
    }
  }
}
