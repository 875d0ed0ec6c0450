package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.loader.BuildResult.RejectedRow;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.storage.EntryOrder;
import io.featurekv.storage.ShardBuildOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Duplicates, deletions, rejected rows and their limit, empty inputs, bounds, progress. */
class RowsRulesTest {
  @TempDir Path home;

  @Test
  void everyInputMustHaveTheColumnsThatAreRequired() {
    Load load = Load.of(home, "a.csv", "id,v,x\n1,a,b\n").file("b.csv", "id,v\n2,c\n").value("v");
    load.requiredColumns = List.of("x");
    FeatureKvException failure = load.failure();
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(failure)
        .hasMessage(
            "columns: "
                + home.resolve("b.csv")
                + " has no required column 'x'; its columns are: id, v; --ignore-gates columns"
                + " lets it pass");
    load.requiredColumns = List.of("v");
    load.run();
    assertThat(load.writers.texts()).isEqualTo(Map.of("1", "a", "2", "c"));
    Load lines = Load.of(home, "c.jsonl", "{\"id\":1}\n{\"id\":2,\"x\":0}\n");
    lines.requiredColumns = List.of("x");
    assertThat(lines.run().entries()).isEqualTo(2);
    lines.requiredColumns = List.of("y");
    assertThat(lines.failure()).hasMessageContaining("no required column 'y'");
  }

  @Test
  void letsTheLastRowOfAKeyWinAndCountsTheOthers() {
    Load load = Load.of(home, "a.csv", "id,x\n1,a\n2,b\n1,c\n").file("b.csv", "id,x\n1,d\n3,e\n");
    BuildResult result = load.run();
    assertThat(load.writers.texts())
        .isEqualTo(Map.of("1", "{\"x\":\"d\"}", "2", "{\"x\":\"b\"}", "3", "{\"x\":\"e\"}"));
    assertThat(result.duplicates()).isEqualTo(2);
    assertThat(result.rows()).isEqualTo(5);
    assertThat(result.rejected()).isZero();
  }

  @Test
  void rejectsFurtherRowsOfAKeyWhereDuplicatesAreErrors() {
    Load load = Load.of(home, "a.csv", "id,x\n1,a\n2,b\n1,c\n").file("b.csv", "id,x\n1,d\n3,e\n");
    load.lastDuplicateWins = false;
    FeatureKvException failure = load.failure();
    assertThat(failure.code()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(failure)
        .hasMessage(
            "2 of 5 rows rejected; 0 are allowed:\n  "
                + home.resolve("a.csv")
                + ":4: an earlier row has the same key, and duplicates are errors\n  "
                + home.resolve("b.csv")
                + ":2: an earlier row has the same key, and duplicates are errors");
    load.maxRejected = 2;
    BuildResult result = load.run();
    assertThat(load.writers.texts()).containsEntry("1", "{\"x\":\"a\"}").hasSize(3);
    assertThat(result.duplicates()).isZero();
    assertThat(result.rejected()).isEqualTo(2);
  }

  @Test
  void deletesInAnIncrement() {
    Load load =
        Load.of(home, "a.csv", "id,x,gone\n1,a,\n2,b,true\n3,c,Y\n4,d,no\n3,e,0\n1,f,1\n5,,T\n");
    load.deleteColumn = "gone";
    load.mode = UpdateMode.INCREMENTAL;
    BuildResult result = load.run();
    assertThat(load.writers.texts()).isEqualTo(Map.of("3", "{\"x\":\"e\"}", "4", "{\"x\":\"d\"}"));
    assertThat(load.writers.tombstoneTexts()).containsExactly("1", "2", "5");
    assertThat(result.deleted()).isEqualTo(3);
    assertThat(result.duplicates()).isEqualTo(2);
    assertThat(result.files().stream().mapToLong(file -> file.manifest().tombstones()).sum())
        .isEqualTo(3);
  }

  @Test
  void leavesDeletedKeysOutOfAFullLoad() {
    Load load = Load.of(home, "a.csv", "id,x,gone\n1,a,0\n1,,yes\n2,b,yes\n2,c,\n");
    load.deleteColumn = "gone";
    BuildResult result = load.run();
    assertThat(load.writers.texts()).isEqualTo(Map.of("2", "{\"x\":\"c\"}"));
    assertThat(result.deleted()).isEqualTo(1);
    assertThat(result.duplicates()).isEqualTo(2);
  }

  @Test
  void takesAnIncrementOfDeletionsAlone() {
    Load load = Load.of(home, "a.jsonl", "{\"id\":1,\"gone\":true}\n{\"id\":2,\"gone\":1}\n");
    load.deleteColumn = "gone";
    load.mode = UpdateMode.INCREMENTAL;
    assertThat(load.run().deleted()).isEqualTo(2);
    load.mode = UpdateMode.FULL;
    assertThat(load.failure().code()).isEqualTo(ErrorCode.CONFLICT);
  }

  @Test
  void ignoresTheValueOfADeletion() {
    Load load = Load.of(home, "a.csv", "id,n,gone\n1,x,yes\n2,2,no\n");
    load.types.put("n", "int64");
    load.types.put("gone", "bool");
    load.deleteColumn = "gone";
    load.mode = UpdateMode.INCREMENTAL;
    assertThat(load.run().deleted()).isEqualTo(1);
    load.file("b.csv", "id,n,gone\n3,1,maybe\n");
    assertThat(load.failure()).hasMessageContaining("delete column 'gone' is not a bool: 'maybe'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"deleted", "x", "2", "-1", "tru", " true", "on", "null", "\u0131"})
  void rejectsUnknownWordsOfTheDeleteColumn(String word) {
    Load load = Load.of(home, "a.csv", "id,x,gone\n1,a,\"" + word + "\"\n2,b,\n");
    load.deleteColumn = "gone";
    load.maxRejected = 1;
    assertThat(load.run().firstRejected())
        .containsExactly(
            new RejectedRow(
                load.inputs.getFirst(),
                2,
                "delete column 'gone' says neither yes nor no: '"
                    + word
                    + "'; expected true, t, yes, y, 1, or false, f, no, n, 0, in any case, or nothing"));
    assertThat(load.writers.texts()).containsOnlyKeys("2");
  }

  @Test
  void readsWordsAndNumbersOfTheDeleteColumn() {
    Load load =
        Load.of(
            home,
            "a.jsonl",
            """
            {"id":1,"gone":true}
            {"id":2,"gone":1}
            {"id":3,"gone":"YES"}
            {"id":4,"gone":false}
            {"id":5,"gone":0}
            {"id":6,"gone":"False"}
            {"id":7,"gone":null}
            {"id":8,"gone":""}
            {"id":9}
            {"id":10,"gone":2}
            {"id":11,"gone":1.0}
            {"id":12,"gone":[true]}
            {"id":13,"gone":99999999999999999999}
            """);
    load.deleteColumn = "gone";
    load.maxRejected = 4;
    load.mode = UpdateMode.INCREMENTAL;
    BuildResult result = load.run();
    assertThat(load.writers.tombstoneTexts()).containsExactly("1", "2", "3");
    assertThat(load.writers.texts()).containsOnlyKeys("4", "5", "6", "7", "8", "9");
    assertThat(result.firstRejected())
        .extracting(RejectedRow::reason)
        .satisfiesExactly(
            reason -> assertThat(reason).contains("says neither yes nor no: '2'; expected true"),
            reason -> assertThat(reason).contains("'1.0'"),
            reason -> assertThat(reason).contains("'[true]'"),
            reason -> assertThat(reason).contains("'99999999999999999999'"));
  }

  @Test
  void rejectsValuesBeyondTheLimitOfTheTable() {
    Load load =
        Load.of(home, "a.csv", "id,v\n1," + "x".repeat(100) + "\n2," + "x".repeat(101) + "\n");
    load.value("v");
    load.maxValueBytes = 100;
    load.maxRejected = 1;
    BuildResult result = load.run();
    assertThat(load.writers.texts()).containsOnlyKeys("1");
    assertThat(result.firstRejected().getFirst().reason())
        .isEqualTo("the value has 101 bytes, more than the 100 that this table allows");
    load.maxValueBytes = Limits.MAX_VALUE_BYTES + 1L;
    assertThat(load.failure().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void letsNoRowBeRejectedByDefaultAndShowsTheFirstOnes() {
    StringBuilder csv = new StringBuilder("id,x\n");
    for (int i = 0; i < 15; i++) {
      csv.append(i).append("\n").append(i).append(",x\n");
    }
    FeatureKvException failure = Load.of(home, "a.csv", csv.toString()).failure();
    assertThat(failure.code()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(failure.getMessage().lines().toList())
        .hasSize(12)
        .startsWith(
            "15 of 30 rows rejected; 0 are allowed:",
            "  " + home.resolve("a.csv") + ":2: the row has 1 columns, the header has 2")
        .endsWith(
            "  " + home.resolve("a.csv") + ":20: the row has 1 columns, the header has 2",
            "  and 5 more");
  }

  @Test
  void holdsTheLimitAsACountAndAsAPercentage() {
    String csv = "id,x\n" + "1,x\n".repeat(90) + "1\n".repeat(10);
    Load load = Load.of(home, "a.csv", csv);
    load.maxRejected = 9;
    assertThat(load.failure()).hasMessageStartingWith("10 of 100 rows rejected; 9 are allowed:");
    load.maxRejected = 10;
    assertThat(load.run().rejected()).isEqualTo(10);
    load.maxRejectedIsPercent = true;
    assertThat(load.run().rejected()).isEqualTo(10);
    load.maxRejected = 9.5;
    assertThat(load.failure()).hasMessageStartingWith("10 of 100 rows rejected; 9.5% allowed:");
    load.maxRejected = 101;
    assertThat(load.failure().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    load.maxRejected = Double.NaN;
    assertThat(load.failure().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void stopsReadingWhenFarTooManyRowsAreRejected() {
    List<Long> read = new ArrayList<>();
    Load load = Load.of(home, "a.csv", "id,x\n" + "1\n".repeat(50_000));
    load.progress = (stage, done, total) -> read.add(done);
    load.maxRejected = 5;
    assertThat(load.failure())
        .hasMessageStartingWith("more than 1000 of the first 1001 rows rejected; 5 are allowed:")
        .hasMessageContaining("a.csv:2: ");
    assertThat(read).allMatch(rows -> rows <= 1001);
  }

  @Test
  void writesEveryRejectedRowToTheFile() {
    StringBuilder csv = new StringBuilder("id,x\n1,\"q\"\n");
    csv.append(",\"a\nb\"\n".repeat(30));
    Load load = Load.of(home, "say \"hi\".csv", csv.toString());
    Path rejects = home.resolve("rejects.jsonl");
    load.rejectsFile = rejects;
    load.maxRejected = 30;
    BuildResult result = load.run();
    assertThat(result.firstRejected()).hasSize(BuildResult.MAX_SHOWN_REJECTED);
    assertThat(Load.lines(rejects))
        .hasSize(30)
        .first()
        .isEqualTo(
            "{\"source\":\""
                + load.inputs.getFirst().replace("\"", "\\\"")
                + "\",\"row\":3,\"reason\":\"the key is empty\"}");
    load.maxRejected = 0;
    load.failure();
    assertThat(Load.lines(rejects)).hasSize(30);
    load.rejectsFile = home.resolve("none/there");
    assertThat(load.failure().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void refusesAnInputWithoutEntriesUnlessAskedFor() {
    Load load = Load.of(home, "a.csv", "id,x\n");
    FeatureKvException failure = load.failure();
    assertThat(failure.code()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(failure).hasMessageContaining("a.csv has no entries (0 rows");
    load.allowEmpty = true;
    BuildResult result = load.run();
    assertThat(result.entries()).isZero();
    assertThat(load.writers.sealedShards).containsExactly(0, 1, 2, 3);
  }

  @Test
  void buildsNothingInADryRun() {
    Load load = Load.of(home, "a.csv", "id,x\n1,a\n1,b\n2,c\n");
    BuildResult result = ShardBuild.dryRun(load.spec(), Load.SILENT);
    assertThat(result.files()).isEmpty();
    assertThat(result.entries()).isEqualTo(2);
    assertThat(result.duplicates()).isEqualTo(1);
    assertThat(result.bytes()).isEqualTo(2 + 2 * 9);
    load.lastDuplicateWins = false;
    assertThatThrownBy(() -> ShardBuild.dryRun(load.spec(), Load.SILENT))
        .isInstanceOf(FeatureKvException.class)
        .hasMessageStartingWith("1 of 3 rows rejected");
    load.assertNothingLeft();
  }

  @Test
  void refusesTooLittleMemoryAndImpossibleShardCounts() {
    Load load = Load.of(home, "a.csv", "id,x\n1,a\n");
    load.memoryBytes = (16 << 20) - 1;
    assertThat(load.failure().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    load.memoryBytes++;
    load.shards = Limits.MAX_SHARDS + 1;
    assertThat(load.failure().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void buildsManyShardsAndMostOfThemEmpty() {
    Load load = Load.of(home, "a.csv", "id,x\n1,a\n2,b\n");
    load.shards = Limits.MAX_SHARDS;
    assertThat(load.run().files()).hasSize(Limits.MAX_SHARDS);
  }

  @Test
  void tellsItsProgressFromTheCallingThread() {
    List<String> heard = new ArrayList<>();
    Load load = new Load(home).keys().input("generate:5000");
    Thread caller = Thread.currentThread();
    load.progress =
        new BuildProgress() {
          @Override
          public void update(String stage, long done, long total) {
            assertThat(Thread.currentThread()).isSameAs(caller);
            heard.add(stage + " " + done + " " + total);
          }

          @Override
          public void bytes(long done, long total) {
            heard.add("bytes " + done + " " + total);
          }
        };
    BuildResult result = load.run();
    assertThat(heard)
        .contains("read 0 -1", "bytes 0 580000", "read 5000 5000", "bytes 580000 580000")
        .contains("bytes 0 -1")
        .endsWith("build 5000 5000", "bytes 0 0");
    assertThat(result.stages())
        .extracting(BuildResult.Stage::name)
        .containsExactly("read", "build");
    assertThat(result.stages()).extracting(BuildResult.Stage::entries).containsOnly(5000L);
  }

  @Test
  void stopsWhenCancelled() {
    for (String at : List.of("read", "build")) {
      Load load = new Load(home).keys().input("generate:100000");
      boolean[] cancelled = new boolean[1];
      load.progress =
          new BuildProgress() {
            @Override
            public void update(String stage, long done, long total) {
              cancelled[0] |= stage.equals(at);
            }

            @Override
            public boolean isCancelled() {
              return cancelled[0];
            }
          };
      FeatureKvException failure = load.failure();
      assertThat(failure.code()).isEqualTo(ErrorCode.TRY_AGAIN);
    }
  }

  @Test
  void stopsAllShardsWhenOneFails() {
    Load load = new Load(home).keys().input("generate:1000");
    load.shards = 50;
    FakeWriters writers = load.writers;
    writers.failAtShard = 3;
    assertThatThrownBy(() -> ShardBuild.run(load.spec(), Load.SILENT, load.ports()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("as the test wants");
    assertThat(writers.open).hasValue(0);
    load.assertNothingLeft();
  }

  @Test
  void trainsOneDictionaryForAllShardsOfABlkTable() {
    StringBuilder json = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      json.append("{\"id\":").append(i).append(",\"the_same_long_name_in_every_row\":\"value ");
      json.append(i * 31L).append("\"}\n");
    }
    Load load = Load.of(home, "a.jsonl", json.toString());
    load.kind = TableKind.BLK;
    load.order = EntryOrder.BY_KEY;
    load.blockEntries = 4;
    load.run();
    byte[] dictionary = load.writers.options.get(0).dictionary();
    assertThat(dictionary).isNotNull();
    assertThat(load.writers.options).hasSize(load.shards);
    for (ShardBuildOptions options : load.writers.options.values()) {
      assertThat(options.dictionary()).isSameAs(dictionary);
      assertThat(options.blockEntries()).isEqualTo(4);
    }
    load.kind = TableKind.IDX;
    load.run();
    assertThat(load.writers.options.get(0).dictionary()).isNull();
  }

  @Test
  void namesRejectedRowsByFileAndLine() {
    assertThat(new RejectedRow("a.csv", 3, "why")).hasToString("a.csv:3: why");
  }
}
