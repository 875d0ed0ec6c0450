package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.model.RowSchema;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.storage.EntryOrder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A load under test: inputs and options with defaults, against fake writers. */
final class Load {
  static final BuildProgress SILENT = (stage, done, total) -> {};

  final Path home;
  final List<String> inputs = new ArrayList<>();
  final Map<String, String> types = new HashMap<>();
  List<String> keys = List.of("id");
  String format = "auto";
  String separator = ":";
  String keyEncoding = "utf8";
  String valueColumn = "";
  String valueEncoding = "utf8";
  String deleteColumn = "";
  String expiresColumn = "";
  boolean allowIncomplete;
  List<String> requiredColumns = List.of();
  int shards = 4;
  TableKind kind = TableKind.MEM;
  UpdateMode mode = UpdateMode.FULL;
  long maxValueBytes = Limits.DEFAULT_MAX_VALUE_BYTES;
  int blockEntries = Limits.DEFAULT_BLOCK_ENTRIES;
  long entryTtlMillis;
  InstantSource clock = InstantSource.fixed(Instant.EPOCH);
  boolean lastDuplicateWins = true;
  double maxRejected;
  boolean maxRejectedIsPercent;
  @Nullable Path rejectsFile;
  boolean allowEmpty;
  long memoryBytes = BuildRun.MIN_MEMORY_BYTES;
  BuildProgress progress = SILENT;
  boolean resumable;
  String valueFormat = "";
  @Nullable RowSchema schema;
  byte[] stdin = {};
  EntryOrder order = EntryOrder.BY_HASH;
  FakeWriters writers = new FakeWriters(order);

  Load(Path home) {
    this.home = home;
  }

  /** A load of one file with this content. */
  static Load of(Path home, String file, String content) {
    return new Load(home).file(file, content);
  }

  Load file(String file, String content) {
    return file(file, content.getBytes(StandardCharsets.UTF_8));
  }

  Load file(String file, byte[] content) {
    Path path = write(file, content);
    inputs.add(path.toString());
    return this;
  }

  /** Writes a file that is not an input by itself. */
  Path write(String file, byte[] content) {
    Path path = home.resolve(file);
    try {
      Files.createDirectories(path.getParent());
      return Files.write(path, content);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  Path write(String file, String content) {
    return write(file, content.getBytes(StandardCharsets.UTF_8));
  }

  Load input(String input) {
    inputs.add(input);
    return this;
  }

  Load keys(String... columns) {
    keys = List.of(columns);
    return this;
  }

  Load value(String column) {
    valueColumn = column;
    return this;
  }

  InputSpec inputSpec() {
    return new InputSpec(
        inputs,
        format,
        keys,
        separator,
        keyEncoding,
        valueColumn,
        valueEncoding,
        types,
        deleteColumn,
        expiresColumn,
        allowIncomplete,
        requiredColumns,
        valueFormat);
  }

  BuildSpec spec() {
    return new BuildSpec(
        "t",
        kind,
        1,
        shards,
        mode,
        maxValueBytes,
        blockEntries,
        entryTtlMillis,
        inputSpec(),
        lastDuplicateWins,
        maxRejected,
        maxRejectedIsPercent,
        rejectsFile,
        allowEmpty,
        memoryBytes,
        home.resolve("build"),
        resumable,
        schema);
  }

  BuildPorts ports() {
    return new BuildPorts(new ByteArrayInputStream(stdin), writers, order, clock);
  }

  /** Runs; checks what must hold of every load that succeeds. */
  BuildResult run() {
    writers = new FakeWriters(order);
    BuildResult result = ShardBuild.run(spec(), progress, ports());
    assertThat(result.rows())
        .isEqualTo(result.entries() + result.duplicates() + result.rejected() + result.deleted());
    assertThat(result.files()).hasSize(shards);
    assertThat(result.entries()).isEqualTo(writers.entries().size());
    assertNothingLeft();
    return result;
  }

  /** Runs; the entries as text. */
  Map<String, String> texts() {
    run();
    return writers.texts();
  }

  FeatureKvException failure() {
    writers = new FakeWriters(order);
    FeatureKvException failure =
        catchThrowableOfType(
            FeatureKvException.class, () -> ShardBuild.run(spec(), progress, ports()));
    assertThat(failure).as("the load should have failed").isNotNull();
    assertNothingLeft();
    return failure;
  }

  void assertNothingLeft() {
    assertThat(writers.open).hasValue(0);
    if (!resumable) {
      assertThat(files(home.resolve("build"))).noneMatch(name -> name.startsWith("split-"));
    }
    // A pool is closed a moment before its threads are gone.
    await().until(Load::threadsLeft, Set::isEmpty);
  }

  private static Set<String> threadsLeft() {
    Set<String> threads = new TreeSet<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.isAlive() && thread.getName().startsWith("featurekv-")) {
        threads.add(thread.getName());
      }
    }
    return threads;
  }

  /** Names of the files in a directory. */
  static List<String> files(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
