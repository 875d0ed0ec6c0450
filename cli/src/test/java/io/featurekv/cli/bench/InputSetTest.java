package io.featurekv.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.cli.bench.InputPlan.Format;
import io.featurekv.loader.BuildProgress;
import io.featurekv.loader.BuildResult;
import io.featurekv.loader.BuildSpec;
import io.featurekv.loader.GeneratedEntries;
import io.featurekv.loader.ShardBuild;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.storage.OpenShardFile;
import io.featurekv.storage.ScanPage;
import io.featurekv.storage.ShardChain;
import io.featurekv.storage.ShardFileSpec;
import io.featurekv.storage.ShardFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The files are read by the loader, which knows nothing of who wrote them. */
class InputSetTest {
  private static final BuildProgress UNHEARD = (stage, done, total) -> {};
  private static final long VERSION = 7;

  @TempDir Path home;

  /** Builds one shard of everything in a directory and returns its entries, keys as text. */
  private Map<String, byte[]> load(InputPlan plan, Path directory) {
    BuildResult built =
        ShardBuild.run(
            new BuildSpec(
                "t",
                TableKind.IDX,
                1,
                1,
                UpdateMode.FULL,
                1 << 20,
                8,
                0,
                plan.spec(directory),
                false,
                0,
                false,
                null,
                true,
                64 << 20,
                home.resolve("build"),
                false),
            UNHEARD);
    assertThat(built.entries()).isEqualTo(plan.entries());
    ShardFileSpec spec =
        new ShardFileSpec(new ShardFileId("t", 1, 0), 1, TableKind.IDX, UpdateMode.FULL);
    Map<String, byte[]> entries = new HashMap<>();
    try (OpenShardFile file = ShardFiles.open(built.files().getFirst().path(), spec);
        ShardChain chain = ShardChain.of(List.of(file))) {
      assertThat(chain.tryAcquire()).isTrue();
      ScanPage page = chain.scan(null, true, null, 10_000, 1 << 30, 0);
      page.entries()
          .forEach(
              entry ->
                  entries.put(new String(entry.key(), StandardCharsets.US_ASCII), entry.value()));
      chain.release();
    }
    return entries;
  }

  private static void assertIsStandardSet(InputPlan plan, Map<String, byte[]> entries) {
    GeneratedEntries set =
        new GeneratedEntries(plan.entries(), plan.valueBytes(), OptionalLong.of(plan.version()));
    assertThat(entries).hasSize((int) plan.entries());
    for (long entry = 0; entry < plan.entries(); entry++) {
      assertThat(entries.get(GeneratedEntries.key(entry))).isEqualTo(set.value(entry));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Format.class,
      names = {"CSV", "PARQUET"})
  void theLoaderReadsEveryEntryOfEveryFile(Format format) throws Exception {
    InputPlan plan = new InputPlan(format, 3001, 101, VERSION);
    Path directory = home.resolve("set");
    try (InputSet set = InputSet.prepare(plan, directory, false, UNHEARD)) {
      assertThat(set.bytes()).isBetween(plan.fileBytes(), plan.fileBytes() + 8 * 1024);
      assertThat(files(directory)).hasSize(plan.files() + 1);
      assertIsStandardSet(plan, load(plan, directory));
    }
    assertThat(directory).doesNotExist();
  }

  @Test
  void parquetFilesHaveRowGroupsOfSeveralPages() throws Exception {
    InputPlan plan = new InputPlan(Format.PARQUET, 4000, 1000, VERSION);
    Path directory = Files.createDirectories(home.resolve("set"));
    EntryFiles.writeParquet(
        directory.resolve("one.parquet"), plan, 0, plan.entries(), () -> {}, 1999);
    assertThat(plan.entryBytes()).isGreaterThan(3 * ParquetFileWriter.PAGE_BYTES);
    assertIsStandardSet(plan, load(plan, directory));
  }

  private static List<Path> files(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.toList();
    }
  }

  @Test
  void usesWhatIsThereAndLeavesIt() throws Exception {
    InputPlan plan = new InputPlan(Format.CSV, 100, 8, 1);
    Path directory = home.resolve("kept");
    InputSet.prepare(plan, directory, true, UNHEARD).close();
    assertThat(InputSet.isThere(plan, directory)).isTrue();
    List<Path> kept = files(directory);
    try (InputSet again = InputSet.prepare(plan, directory, false, UNHEARD)) {
      assertThat(again.seconds()).isZero();
    }
    assertThat(files(directory)).isEqualTo(kept);
  }

  @Test
  void touchesNoDirectoryThatHoldsAnythingElse() throws Exception {
    Path kept = home.resolve("kept");
    InputSet.prepare(new InputPlan(Format.CSV, 100, 8, 1), kept, true, UNHEARD).close();
    assertThatThrownBy(
            () -> InputSet.prepare(new InputPlan(Format.CSV, 101, 8, 1), kept, false, UNHEARD))
        .isInstanceOf(FeatureKvException.class)
        .hasMessageContaining("entries=100")
        .hasMessageContaining("entries=101");
    assertThat(files(kept)).hasSize(5);
    Path other = Files.createDirectories(home.resolve("other"));
    Files.writeString(other.resolve("mine"), "mine");
    assertThatThrownBy(
            () -> InputSet.prepare(new InputPlan(Format.CSV, 9, 8, 1), other, false, UNHEARD))
        .hasMessageContaining("not empty");
    assertThat(other.resolve("mine")).hasContent("mine");
  }

  @Test
  void removesWhatAFailureLeavesHalfWritten() throws Exception {
    Path directory = home.resolve("half");
    BuildProgress failing =
        (stage, done, total) -> {
          throw new IllegalStateException("enough");
        };
    assertThatThrownBy(
            () ->
                InputSet.prepare(
                    new InputPlan(Format.PARQUET, 200_000, 0, 1), directory, true, failing))
        .hasMessageContaining("enough");
    assertThat(directory).doesNotExist();
  }

  @Test
  void removesWhatIsHalfWrittenWhenCancelled() {
    Path directory = home.resolve("half");
    BuildProgress cancelled =
        new BuildProgress() {
          @Override
          public void update(String stage, long done, long total) {}

          @Override
          public boolean isCancelled() {
            return true;
          }
        };
    Thread.currentThread().interrupt();
    assertThatThrownBy(
            () ->
                InputSet.prepare(
                    new InputPlan(Format.CSV, 200_000, 0, 1), directory, true, cancelled))
        .isInstanceOf(FeatureKvException.class)
        .hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(directory).doesNotExist();
  }

  @Test
  void filesShareAllEntries() {
    InputPlan plan = new InputPlan(Format.CSV, 11, 8, 1);
    assertThat(plan.files()).isEqualTo(4);
    assertThat(List.of(plan.firstOf(0), plan.firstOf(1), plan.firstOf(2), plan.firstOf(3)))
        .containsExactly(0L, 3L, 6L, 9L);
    assertThat(plan.firstOf(4)).isEqualTo(11);
    assertThat(new InputPlan(Format.CSV, 3, 8, 1).files()).isEqualTo(3);
    assertThat(new InputPlan(Format.PARQUET, 100_000_000, 100, 1).files()).isEqualTo(24);
  }
}
