package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.loader.SharedBuild.Failed;
import io.featurekv.loader.SharedBuild.Placed;
import io.featurekv.loader.SharedBuild.Read;
import io.featurekv.loader.SharedBuild.Reading;
import io.featurekv.loader.SharedBuild.RunPart;
import io.featurekv.loader.SplitOutcome.PartOutcome;
import io.featurekv.loader.SplitOutcome.StoredRun;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowSchema;
import io.featurekv.model.TableKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several processes, each with a directory of its own, do one build together. */
class SharedBuildTest {
  private static final int SHARDS = 3;
  private static final long SPLIT_BYTES = 12_000;

  @TempDir Path home;

  private Load load(TableKind kind) {
    Random random = new Random(5);
    StringBuilder csv = new StringBuilder("id,text,gone\n");
    for (int i = 0; i < 6_000; i++) {
      boolean isQuoted = random.nextInt(2) == 0;
      csv.append("key").append(random.nextInt(4_000)).append(',');
      csv.append(isQuoted ? "\"a\nline\nof\n\"\"its\"\" own\n" + i + "\"" : "value " + i);
      csv.append(',').append(random.nextInt(20) == 0 ? "yes" : "").append('\n');
    }
    Load load = Load.of(home, "in.csv", csv.toString());
    load.file("small.csv", "id,text,gone\nkey7,last,\n,without a key,\n");
    load.kind = kind;
    load.shards = SHARDS;
    load.deleteColumn = "gone";
    load.maxRejected = 10;
    return load;
  }

  private SharedBuild process(Load load, String name) {
    return process(load, name, SPLIT_BYTES);
  }

  private SharedBuild process(Load load, String name, long splitBytes) {
    BuildSpec like = load.spec();
    BuildSpec spec =
        new BuildSpec(
            like.table(),
            like.kind(),
            like.version(),
            like.shards(),
            like.mode(),
            like.maxValueBytes(),
            like.blockEntries(),
            like.entryTtlMillis(),
            like.input(),
            like.lastDuplicateWins(),
            like.maxRejected(),
            like.maxRejectedIsPercent(),
            null,
            like.allowEmpty(),
            like.memoryBytes(),
            home.resolve(name),
            true,
            like.schema());
    SharedPlan plan =
        SharedPlan.of(like.table(), like.input(), like.schema(), like.maxValueBytes(), splitBytes);
    return SharedBuild.open(
        spec,
        plan,
        "build",
        Thread.ofPlatform().daemon().name("featurekv-shared-", 0).factory(),
        bytes -> {});
  }

  @Test
  void whatWasReadForOtherColumnsIsNotUsed() {
    Load load = Load.of(home, "rows.csv", "id,a,b\nx,1,2\ny,3,4\n");
    load.shards = SHARDS;
    RowSchema before = RowSchema.of(RowColumn.parseAll("a:int64"));
    load.schema = before;
    try (SharedBuild first = process(load, "one")) {
      assertThat(first.read(0, -1, Load.SILENT)).isInstanceOf(Read.class);
    }
    try (SharedBuild again = process(load, "one")) {
      assertThat(again.known(0)).isPresent();
    }
    load.schema = before.evolve("t", RowColumn.parseAll("a:int64,b:int64=0"));
    try (SharedBuild other = process(load, "one")) {
      assertThat(other.known(0)).isEmpty();
    }
  }

  /** Reads every split in turns, from the last to the first, and again what began wrongly. */
  private static List<SplitOutcome> readAll(List<SharedBuild> processes) {
    int count = processes.getFirst().plan().pieces().size();
    SplitOutcome[] outcomes = new SplitOutcome[count];
    for (int split = count - 1; split >= 0; split--) {
      Reading reading = processes.get(split % processes.size()).read(split, -1, Load.SILENT);
      outcomes[split] = reading instanceof Read read ? read.outcome() : null;
    }
    int again = 0;
    for (int split = 1; split < count; split++) {
      long begin = outcomes[split - 1].endedAt();
      boolean isContinued = processes.getFirst().plan().pieces().get(split).continued();
      if (isContinued && (outcomes[split] == null || outcomes[split].startedAt() != begin)) {
        again++;
        SharedBuild process = processes.get(split % processes.size());
        outcomes[split] = ((Read) process.read(split, begin, Load.SILENT)).outcome();
      }
    }
    assertThat(again).as("splits that began inside a quoted field").isPositive();
    return List.of(outcomes);
  }

  /** The run's part of a shard as another process gets it. */
  private RunPart fetched(Path run, StoredRun stored, int shard) {
    long from = stored.index().starts()[shard];
    int length = (int) (stored.index().starts()[shard + 1] - from);
    try (FileChannel in = FileChannel.open(run, StandardOpenOption.READ)) {
      ByteBuffer bytes = ByteBuffer.allocate(length);
      in.read(bytes, from);
      Path part = Files.createTempFile(home, "part", ".run");
      Files.write(part, bytes.array());
      return new RunPart(part, null, stored.index().counts()[shard], length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ShardOutcome build(
      List<SharedBuild> processes, List<SplitOutcome> outcomes, int shard, List<RunPart> runs) {
    ShardTallies parsed = new ShardTallies(SHARDS);
    ShardTallies dropped = new ShardTallies(SHARDS);
    for (SplitOutcome outcome : outcomes) {
      parsed.add(outcome.parsed());
      dropped.add(outcome.dropped());
    }
    return processes
        .get(shard % processes.size())
        .build(shard, runs, parsed, dropped, 0, Load.SILENT);
  }

  private List<RunPart> runs(List<SharedBuild> processes, List<SplitOutcome> outcomes, int shard) {
    List<RunPart> runs = new ArrayList<>();
    for (SplitOutcome outcome : outcomes) {
      SharedBuild reader = processes.get(outcome.split() % processes.size());
      boolean isHere = reader == processes.get(shard % processes.size());
      for (StoredRun run : outcome.runs()) {
        Path file = reader.path(run);
        long records = run.index().counts()[shard];
        runs.add(
            isHere
                ? new RunPart(file, run.index(), records, run.index().lengthBytes())
                : fetched(file, run, shard));
      }
    }
    return runs;
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void comesToTheSameAsOneProcessAlone(TableKind kind) {
    Load load = load(kind);
    List<SharedBuild> processes = List.of(process(load, "one"), process(load, "two"));
    assertThat(processes.getFirst().plan().pieces())
        .hasSizeGreaterThan(3)
        .isEqualTo(processes.getLast().plan().pieces());
    List<SplitOutcome> outcomes = readAll(processes);
    BuildResult alone = ShardBuild.run(load.spec(), Load.SILENT);
    long rows = outcomes.stream().mapToLong(SplitOutcome::rows).sum();
    assertThat(rows).isEqualTo(alone.rows());
    long duplicates = 0;
    for (int shard = 0; shard < SHARDS; shard++) {
      ShardOutcome built = build(processes, outcomes, shard, runs(processes, outcomes, shard));
      FileManifest expected = alone.files().get(shard).manifest();
      assertThat(built.file()).isNotNull();
      FileManifest actual = built.file().manifest();
      assertThat(actual.entries()).isEqualTo(expected.entries());
      assertThat(actual.entriesChecksum()).isEqualTo(expected.entriesChecksum());
      duplicates += built.droppedRows() - built.deleted();
    }
    assertThat(duplicates).isEqualTo(alone.duplicates());
    SplitOutcome last = outcomes.getLast();
    List<Long> spans = last.parts().stream().map(PartOutcome::spanned).toList();
    Placed placed = processes.getFirst().place(last.firstRejected().getFirst(), spans);
    assertThat(placed.input()).endsWith("small.csv");
    assertThat(placed.row()).isEqualTo(3);
    assertThat(placed.countsOn()).isFalse();
  }

  @Test
  void goesOnFromTheSplitsThatItHasRead() {
    Load load = load(TableKind.MEM);
    SharedBuild first = process(load, "one");
    SplitOutcome outcome = ((Read) first.read(0, -1, Load.SILENT)).outcome();
    assertThat(process(load, "one").known(0))
        .hasValueSatisfying(known -> assertThat(known.rows()).isEqualTo(outcome.rows()));
    load.lastDuplicateWins = false;
    assertThat(process(load, "one").known(0)).as("of another build").isEmpty();
  }

  @Test
  void tellsOfASplitTheBytesThatItHas() {
    Load load = Load.of(home, "empty.jsonl", "");
    List<String> heard = new ArrayList<>();
    BuildProgress progress =
        new BuildProgress() {
          @Override
          public void update(String stage, long done, long total) {}

          @Override
          public void bytes(long done, long total) {
            heard.add(done + " of " + total);
          }
        };
    try (SharedBuild process = process(load, "one")) {
      assertThat(process.read(0, -1, progress)).isInstanceOf(Read.class);
    }
    assertThat(heard).isNotEmpty().containsOnly("0 of 0");
  }

  @Test
  void losingDoublingOrChangingARowBetweenReadingAndBuildingIsFoundNamingTheShard()
      throws IOException {
    Load load = load(TableKind.IDX);
    List<SharedBuild> processes = List.of(process(load, "one"), process(load, "two"));
    List<SplitOutcome> outcomes = readAll(processes);
    List<RunPart> runs = runs(processes, outcomes, 1);
    assertRefused(processes, outcomes, runs.subList(1, runs.size()));
    List<RunPart> doubled = new ArrayList<>(runs);
    doubled.add(runs.getFirst());
    assertRefused(processes, outcomes, doubled);
    RunPart part = runs.stream().filter(run -> run.index() == null).findFirst().orElseThrow();
    byte[] bytes = Files.readAllBytes(part.file());
    int at = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("value ");
    bytes[at]++;
    Files.write(part.file(), bytes);
    assertRefused(processes, outcomes, runs);
  }

  private void assertRefused(
      List<SharedBuild> processes, List<SplitOutcome> outcomes, List<RunPart> runs) {
    assertThatThrownBy(() -> build(processes, outcomes, 1, runs))
        .isInstanceOfSatisfying(
            FeatureKvException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT);
              assertThat(e).hasMessageContaining("shard 1 had");
            });
  }

  @Test
  void aFailureWhereASplitWasBegunByAssumptionIsDoubtful() {
    Load load = load(TableKind.MEM);
    load.types.put("text", "int64");
    load.maxRejected = 0;
    SharedBuild process = process(load, "one", 100_000);
    assertThat(process.read(0, -1, Load.SILENT))
        .isInstanceOfSatisfying(Failed.class, f -> assertThat(f.isDoubtful()).isFalse());
    assertThat(process.read(1, -1, Load.SILENT))
        .isInstanceOfSatisfying(Failed.class, f -> assertThat(f.isDoubtful()).isTrue());
  }
}
