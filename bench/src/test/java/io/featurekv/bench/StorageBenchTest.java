package io.featurekv.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.bench.report.Table;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keeps the benchmark running: every store, every section and every check, and no timing. */
class StorageBenchTest {
  @TempDir private Path directory;

  @Test
  void everySectionRunsWithEveryStore() throws Exception {
    Path results = directory.resolve("results");
    Path data = directory.resolve("data");
    BenchOptions options =
        OptionParser.parse(
            List.of(
                ("--entries 4000 --batch 50 --rounds 1 --build-rounds 1 --turn-millis 1 --cold-seconds 1 -o"
                        + " json --dir "
                        + data
                        + " --results "
                        + results)
                    .split(" ")));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<Table> tables =
        StorageBench.run(options, new PrintStream(out, true, StandardCharsets.UTF_8));

    assertThat(tables).hasSize(13);
    assertThat(rows(tables, "gets of 50 keys, zipf 0.99"))
        .containsExactly("mem", "mem-any", "idx", "blk", "lmdb", "rocksdb", "sparkey", "chronicle");
    assertThat(rows(tables, "scans in key order, 4000 entries"))
        .containsExactly("idx", "blk", "lmdb", "rocksdb");
    assertThat(rows(tables, "cold gets, memory for a quarter of the data"))
        .containsExactly("idx", "blk");
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("== build, 4000 entries");
    try (Stream<Path> left = Files.list(data)) {
      assertThat(left).isEmpty();
    }
    try (Stream<Path> written = Files.list(results)) {
      assertThat(written)
          .singleElement()
          .satisfies(file -> assertThat(Files.readString(file)).contains("\"cpu\": \"", "mem-any"));
    }
  }

  private static List<String> rows(List<Table> tables, String title) {
    Table table =
        tables.stream().filter(each -> each.title().equals(title)).findFirst().orElseThrow();
    return table.rows().stream().map(Table.Row::name).toList();
  }
}
