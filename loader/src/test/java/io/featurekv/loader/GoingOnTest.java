package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowSchema;
import io.featurekv.model.TableKind;
import io.featurekv.storage.EntryOrder;
import io.featurekv.storage.EntryTotals;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardBuildOptions;
import io.featurekv.storage.ShardFileSpec;
import io.featurekv.storage.ShardFiles;
import io.featurekv.storage.ShardWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Builds that were cut short, and rows that were lost, doubled or changed on their way. */
class GoingOnTest {
  private static final int ENTRIES = 120_000;

  @TempDir Path home;

  /** The real writers, but for what a test does to them. */
  private static final class Writers implements WriterFactory {
    final Set<Integer> created = new ConcurrentSkipListSet<>();
    int failAtShard = -1;
    UnaryOperator<ShardWriter> change = UnaryOperator.identity();

    @Override
    public ShardWriter create(Path target, ShardFileSpec spec, ShardBuildOptions options) {
      if (spec.id().shard() == failAtShard) {
        throw new FeatureKvException(ErrorCode.NO_SPACE, "the disk is full, as the test wants");
      }
      created.add(spec.id().shard());
      return change.apply(ShardFiles.create(target, spec, options));
    }

    @Override
    public EntryTotals readBack(SealedShardFile file, IntConsumer readBytes) {
      return WriterFactory.REAL.readBack(file, readBytes);
    }
  }

  private Load load() {
    Load load = new Load(home).keys().input("generate:" + ENTRIES + "?valueBytes=100");
    load.kind = TableKind.IDX;
    load.shards = 6;
    load.resumable = true;
    return load;
  }

  private static BuildResult run(Load load, Writers writers) {
    BuildPorts ports =
        new BuildPorts(
            new ByteArrayInputStream(new byte[0]),
            writers,
            EntryOrder.of(load.kind),
            InstantSource.fixed(Instant.EPOCH));
    return ShardBuild.run(load.spec(), load.progress, ports);
  }

  @Test
  void goesOnFromItsSplitsAndShards() {
    Load load = load();
    Writers writers = new Writers();
    writers.failAtShard = 5;
    assertThatThrownBy(() -> run(load, writers)).hasMessageContaining("as the test wants");
    assertThat(Load.files(home.resolve("build"))).anyMatch(name -> name.endsWith(".run"));
    Set<Integer> first = Set.copyOf(writers.created);

    Writers again = new Writers();
    AtomicInteger inputsOpened = new AtomicInteger();
    load.progress =
        (stage, done, total) -> {
          if (stage.equals("read") && done > 0 && done < ENTRIES) {
            inputsOpened.incrementAndGet();
          }
        };
    BuildResult result = run(load, again);
    assertThat(result.entries()).isEqualTo(ENTRIES);
    assertThat(inputsOpened).as("nothing was read again").hasValue(0);
    assertThat(again.created).contains(5);
    assertThat(again.created.size()).isLessThanOrEqualTo(6);
    assertThat(first).isNotEmpty();
    for (SealedShardFile file : result.files()) {
      ShardFiles.verify(file.path(), file.manifest(), file.pieces());
    }

    Writers third = new Writers();
    BuildResult same = run(load, third);
    assertThat(third.created).as("all is there").isEmpty();
    assertThat(same.files()).isEqualTo(result.files());
    assertThat(same.rows()).isEqualTo(ENTRIES);
  }

  @Test
  void beginsAnewWhenTheInputsAreOthers() {
    Load load = load();
    run(load, new Writers());
    load.inputs.set(0, "generate:" + ENTRIES + "?valueBytes=99");
    Writers others = new Writers();
    assertThat(run(load, others).bytes()).isEqualTo(ENTRIES * (16L + 99));
    assertThat(others.created).hasSize(6);
  }

  @Test
  void beginsAnewWhenTheTableHasOtherColumns() {
    Load load = Load.of(home, "a.csv", "id,a,b\nx,1,2\ny,3,4\n");
    load.kind = TableKind.IDX;
    load.shards = 2;
    load.resumable = true;
    RowSchema before = RowSchema.of(RowColumn.parseAll("a:int64"));
    load.schema = before;
    run(load, new Writers());
    Writers same = new Writers();
    run(load, same);
    assertThat(same.created).as("all is there").isEmpty();

    load.schema = before.evolve("t", RowColumn.parseAll("a:int64,b:int64=0"));
    Writers others = new Writers();
    run(load, others);
    assertThat(others.created).hasSize(2);
  }

  /** Rows of which some have no key and some one that was there before. */
  private Load withRejects() {
    StringBuilder csv = new StringBuilder("id,x\n");
    for (int i = 0; i < ENTRIES; i++) {
      csv.append(i % 1000 == 7 ? "" : i % 1000 == 8 ? "0" : Integer.toString(i)).append(",abcd\n");
    }
    Load load = Load.of(home, "a.csv", csv.toString());
    load.kind = TableKind.IDX;
    load.shards = 6;
    load.resumable = true;
    load.maxRejected = ENTRIES;
    load.lastDuplicateWins = false;
    return load;
  }

  private Set<String> rejects(Load load) throws IOException {
    List<String> lines = Files.readAllLines(load.rejectsFile);
    assertThat(lines).as("each row once").doesNotHaveDuplicates().hasSize(2 * ENTRIES / 1000);
    return Set.copyOf(lines);
  }

  /** Which file a name of the build is: another one once it was written anew. */
  private Object fileOf(String name) throws IOException {
    return Files.readAttributes(home.resolve("build").resolve(name), BasicFileAttributes.class)
        .fileKey();
  }

  @Test
  void writesTheRowsThatAnAttemptBeforeHasRejected() throws IOException {
    Load load = withRejects();
    load.rejectsFile = home.resolve("rejects");
    run(load, new Writers());
    Set<String> expected = rejects(load);

    for (String first : List.of("with", "without")) {
      Load next = withRejects();
      next.inputs.set(0, home.resolve("a.csv").toString());
      Files.setLastModifiedTime(
          home.resolve("a.csv"), FileTime.fromMillis(first.length() * 1_000_000L));
      Writers failing = new Writers();
      failing.failAtShard = 5;
      next.rejectsFile = first.equals("with") ? home.resolve("first") : null;
      assertThatThrownBy(() -> run(next, failing)).hasMessageContaining("as the test wants");
      next.rejectsFile = home.resolve("second");
      Object read = fileOf("split-0.done");
      BuildResult result = run(next, new Writers());
      assertThat(rejects(next)).as(first).isEqualTo(expected);
      assertThat(result.rejected()).isEqualTo(expected.size());
      assertThat(fileOf("split-0.done").equals(read))
          .as("was not read again")
          .isEqualTo(first.equals("with"));
      next.rejectsFile = home.resolve("third");
      assertThat(run(next, new Writers()).rejected()).isEqualTo(expected.size());
      assertThat(rejects(next)).as("all is there").isEqualTo(expected);
    }
  }

  @Test
  void buildsAllShardsAgainWhereTheSplitsTheyAreMadeOfAreReadAgain() throws IOException {
    Load load = withRejects();
    load.rejectsFile = home.resolve("rejects");
    long rejected = run(load, new Writers()).rejected();
    assertThat(Load.files(home.resolve("build"))).noneMatch(name -> name.endsWith(".run"));
    Files.delete(home.resolve("build").resolve("shard-5.done"));
    Writers again = new Writers();
    assertThat(run(load, again).rejected()).isEqualTo(rejected);
    assertThat(again.created).as("where a duplicate is dropped depends on the runs").hasSize(6);
    rejects(load);
  }

  @Test
  void readsAgainWhereTheRejectedRowsOfAnAttemptBeforeAreDamaged() throws IOException {
    Load load = withRejects();
    load.rejectsFile = home.resolve("rejects");
    run(load, new Writers());
    Set<String> expected = rejects(load);
    for (String file : Load.files(home.resolve("build"))) {
      if (file.endsWith(".rejects")) {
        try (RandomAccessFile spool =
            new RandomAccessFile(home.resolve("build").resolve(file).toFile(), "rw")) {
          spool.setLength(spool.length() - 1);
        }
      }
    }
    assertThat(run(load, new Writers()).rejected()).isEqualTo(expected.size());
    assertThat(rejects(load)).isEqualTo(expected);
  }

  @Test
  void refusesARunThatWasChangedOnTheDisk() throws IOException {
    Load load = load();
    Writers failing = new Writers();
    failing.failAtShard = 0;
    assertThatThrownBy(() -> run(load, failing)).hasMessageContaining("as the test wants");
    String run =
        Load.files(home.resolve("build")).stream()
            .filter(name -> name.endsWith(".run"))
            .findFirst()
            .orElseThrow();
    try (RandomAccessFile file =
        new RandomAccessFile(home.resolve("build").resolve(run).toFile(), "rw")) {
      // Inside the first value, of shard 0.
      file.seek(60);
      int old = file.read();
      file.seek(60);
      file.write(old ^ 1);
    }
    FeatureKvException refusal =
        catchThrowableOfType(FeatureKvException.class, () -> run(load, new Writers()));
    assertThat(refusal.code()).isEqualTo(ErrorCode.CORRUPT);
    assertThat(refusal).hasMessageContaining("shard 0 had");
    assertThat(run(load, new Writers()).entries()).as("anew").isEqualTo(ENTRIES);
  }

  /** Does something else to one entry. */
  private static final class Meddler extends ForwardingWriter {
    private final String how;
    private int left = 1000;

    Meddler(ShardWriter to, String how) {
      super(to);
      this.how = how;
    }

    @Override
    public void putNative(
        long hash,
        long keyAddress,
        int keyLength,
        long valueAddress,
        int valueLength,
        int expirySeconds) {
      boolean now = --left == 0;
      switch (now ? how : "") {
        case "lose" -> {}
        case "shorten" ->
            super.putNative(
                hash, keyAddress, keyLength, valueAddress, valueLength - 1, expirySeconds);
        case "shift" ->
            super.putNative(
                hash, keyAddress, keyLength, valueAddress - 1, valueLength, expirySeconds);
        case "expire" -> super.putNative(hash, keyAddress, keyLength, valueAddress, valueLength, 7);
        default ->
            super.putNative(hash, keyAddress, keyLength, valueAddress, valueLength, expirySeconds);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lose", "shorten", "shift", "expire"})
  void refusesAShardOfWhichOneRowIsNotAsItWas(String how) {
    for (TableKind kind : TableKind.values()) {
      Load load = load();
      load.kind = kind;
      load.resumable = false;
      load.shards = 1;
      Writers writers = new Writers();
      writers.change = writer -> new Meddler(writer, how);
      FeatureKvException refusal =
          catchThrowableOfType(FeatureKvException.class, () -> run(load, writers));
      assertThat(refusal.code()).as("%s %s", how, kind).isEqualTo(ErrorCode.CORRUPT);
      assertThat(refusal).hasMessageContaining("shard 0 had " + ENTRIES + " rows");
      assertThat(Load.files(home.resolve("build"))).as("nothing is left").isEmpty();
    }
  }
}
