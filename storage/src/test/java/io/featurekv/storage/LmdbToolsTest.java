package io.featurekv.storage;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Debian's builds of LMDB's own tools read the files. */
class LmdbToolsTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void statCountsTheEntriesOfEveryDatabase(TableKind kind) throws Exception {
    assumeInstalled("mdb_stat");
    ShardFileInfo info = build(kind);
    String output = run("mdb_stat", "-n", "-a", "-e", path().toString());
    Map<String, Long> counts = entriesByDatabase(output);
    try (FileChannel channel = FileChannel.open(path());
        Arena arena = Arena.ofConfined()) {
      LmdbImage image =
          LmdbImage.of(
              path(), channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
      for (String name : ShardDatabases.of(info)) {
        assertThat(counts).as(output).containsEntry(name, image.namedTree(name).entries());
      }
    }
    assertThat(output).contains("Page size: 4096");
    assertThat(output)
        .contains("Number of pages used: " + Files.size(path()) / ShardFileFormat.PAGE_BYTES);
    if (kind == TableKind.IDX) {
      assertThat(counts).containsEntry(ShardFileFormat.DATA, info.entries() + info.tombstones());
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void dumpGivesEveryRecordOfEveryDatabase(TableKind kind) throws Exception {
    assumeInstalled("mdb_dump");
    ShardFileInfo info = build(kind);
    Map<String, SortedMap<byte[], byte[]>> dumped =
        dumps(run("mdb_dump", "-n", "-a", path().toString()));
    assertThat(dumped.keySet()).containsExactlyInAnyOrderElementsOf(ShardDatabases.of(info));
    assertThat(dumped.get(ShardFileFormat.INFO).get("kind".getBytes(US_ASCII)))
        .isEqualTo(kind.word().getBytes(US_ASCII));
    try (FileChannel channel = FileChannel.open(path());
        Arena arena = Arena.ofConfined()) {
      LmdbImage image =
          LmdbImage.of(
              path(), channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
      for (String name : ShardDatabases.of(info)) {
        assertThat((long) dumped.get(name).size()).isEqualTo(image.namedTree(name).entries());
      }
    }
    if (kind == TableKind.IDX) {
      assertIsTable(dumped.get(ShardFileFormat.DATA), items());
    }
  }

  private static void assertIsTable(
      SortedMap<byte[], byte[]> data, SortedMap<byte[], ModelChain.Item> items) {
    assertThat(data.size()).isEqualTo(items.size());
    items.forEach(
        (key, item) -> {
          byte[] value = item.value() == null ? new byte[0] : item.value();
          ByteBuffer expected =
              ByteBuffer.allocate(EntryHead.MAX_BYTES + value.length)
                  .order(ByteOrder.LITTLE_ENDIAN)
                  .put((byte) (item.value() == null ? 1 : item.expiry() == 0 ? 0 : 2));
          if (item.expiry() != 0) {
            expected.putInt(item.expiry());
          }
          expected.put(value);
          assertThat(data.get(key)).isEqualTo(Arrays.copyOf(expected.array(), expected.position()));
        });
  }

  private ShardFileInfo build(TableKind kind) {
    SortedMap<byte[], ModelChain.Item> items = items();
    ModelChain.write(
        path(),
        TestShards.spec(kind, UpdateMode.INCREMENTAL),
        items,
        ShardBuildOptions.forEntries(items.size()));
    return ShardFiles.inspect(path()).info();
  }

  private static SortedMap<byte[], ModelChain.Item> items() {
    Random random = new Random(5);
    SortedMap<byte[], ModelChain.Item> items =
        ModelChain.withExpiries(
            ModelChain.items(TestShards.randomTable(random, 5000)), random, 4000);
    items.put(TestShards.bytes("long"), ModelChain.Item.of(TestShards.random(random, 5 << 20)));
    items.put(TestShards.bytes("gone"), ModelChain.Item.TOMBSTONE);
    return items;
  }

  private Path path() {
    return directory.resolve("shard.mdb");
  }

  private static void assumeInstalled(String tool) {
    boolean isInstalled =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
            .anyMatch(entry -> Files.isExecutable(Path.of(entry, tool)));
    assumeTrue(isInstalled, tool + " is not here: install the package lmdb-utils");
  }

  private String run(String... command) throws IOException, InterruptedException {
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int status = process.waitFor();
    String text = Files.readString(output, US_ASCII);
    assertThat(status).as(text).isZero();
    return text;
  }

  private static Map<String, Long> entriesByDatabase(String output) {
    Map<String, Long> counts = new HashMap<>();
    String name = "";
    for (String line : output.lines().toList()) {
      if (line.startsWith("Status of ")) {
        name = line.substring("Status of ".length());
      } else if (line.strip().startsWith("Entries: ")) {
        counts.put(name, Long.parseLong(line.strip().substring("Entries: ".length())));
      }
    }
    return counts;
  }

  /** Headers of lines {@code name=value}, then lines of keys and values in hex by turns. */
  private static Map<String, SortedMap<byte[], byte[]>> dumps(String output) {
    Map<String, SortedMap<byte[], byte[]>> databases = new TreeMap<>();
    List<String> lines = output.lines().toList();
    String name = "";
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith("database=")) {
        name = line.substring("database=".length());
        databases.put(name, TestShards.emptyTable());
      } else if (line.startsWith(" ")) {
        databases.get(name).put(bytes(line), bytes(lines.get(++i)));
      }
    }
    return databases;
  }

  private static byte[] bytes(String line) {
    return HexFormat.of().parseHex(line.strip());
  }
}
