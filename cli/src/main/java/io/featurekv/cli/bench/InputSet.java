package io.featurekv.cli.bench;

import io.featurekv.loader.BuildProgress;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * The files of an {@link InputPlan} in a directory. Invariants: {@code _standard-set} is there,
 * with what {@link InputPlan#describe} says, only when all files are whole; what this object made
 * is removed by {@link #close}, unless it is whole and shall be kept; what was there before is
 * never touched.
 */
final class InputSet implements AutoCloseable {
  private static final String DESCRIPTION = "_standard-set";
  private static final long REPORT_MASK = (1 << 16) - 1;
  private static final long STOP_SECONDS = 10;

  private final InputPlan plan;
  private final Path directory;
  private final boolean isKept;
  private final BuildProgress progress;
  private final ConcurrentLinkedQueue<Path> made = new ConcurrentLinkedQueue<>();
  private final ExecutorService writers =
      Executors.newFixedThreadPool(
          Runtime.getRuntime().availableProcessors(),
          Thread.ofPlatform().name("input-writer-", 0).daemon().factory());
  private final AtomicLong written = new AtomicLong();
  private volatile boolean isEnding;
  private double seconds;

  private InputSet(InputPlan plan, Path directory, boolean isKept, BuildProgress progress) {
    this.plan = plan;
    this.directory = directory;
    this.isKept = isKept;
    this.progress = progress;
  }

  /** Whether the files of a plan are in a directory already. */
  static boolean isThere(InputPlan plan, Path directory) {
    Path description = directory.resolve(DESCRIPTION);
    try {
      return Files.exists(description)
          && Files.readString(description).strip().equals(plan.describe());
    } catch (IOException e) {
      throw failure(description, e);
    }
  }

  /**
   * Writes the files, unless they are there or there are to be none. Progress is that of a stage
   * "generate"; whoever hears of it can cancel it.
   *
   * @param isKept whether files that are made now stay
   * @throws FeatureKvException CONFLICT where the directory holds anything else, TRY_AGAIN when
   *     cancelled
   */
  static InputSet prepare(InputPlan plan, Path directory, boolean isKept, BuildProgress progress) {
    InputSet set = new InputSet(plan, directory, isKept, progress);
    if (plan.format() == InputPlan.Format.GENERATE || isThere(plan, directory)) {
      set.writers.shutdown();
      return set;
    }
    try {
      set.write();
      return set;
    } catch (IOException e) {
      set.close();
      throw failure(directory, e);
    } catch (RuntimeException e) {
      set.close();
      throw e;
    }
  }

  private static FeatureKvException failure(Path path, IOException cause) {
    return new FeatureKvException(
        ErrorCode.INTERNAL, path + " (input of the benchmark): " + cause.getMessage(), cause);
  }

  private void write() throws IOException {
    long startNanos = System.nanoTime();
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory);
      made.add(directory);
    }
    refuseOtherFiles();
    List<CompletableFuture<Void>> files = new ArrayList<>();
    for (int file = 0; file < plan.files(); file++) {
      int number = file;
      files.add(CompletableFuture.runAsync(() -> writeFile(number), writers));
    }
    try {
      CompletableFuture.allOf(files.toArray(CompletableFuture[]::new)).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof UncheckedIOException io) {
        throw new IOException(io.getMessage(), io);
      }
      throw FeatureKvException.from(e);
    } finally {
      isEnding = isEnding || files.stream().anyMatch(CompletableFuture::isCompletedExceptionally);
      writers.shutdown();
    }
    Path description = directory.resolve(DESCRIPTION);
    Files.writeString(description, plan.describe() + "\n");
    made.add(description);
    seconds = (System.nanoTime() - startNanos) / 1e9;
  }

  private void refuseOtherFiles() throws IOException {
    Path description = directory.resolve(DESCRIPTION);
    if (Files.exists(description)) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT,
          directory
              + " holds another input: "
              + Files.readString(description).strip()
              + ", expected "
              + plan.describe()
              + "; remove it or name another directory with --input-dir");
    }
    try (Stream<Path> files = Files.list(directory)) {
      if (files.findAny().isPresent()) {
        throw new FeatureKvException(
            ErrorCode.CONFLICT,
            directory + " is not empty; name a directory of its own with --input-dir");
      }
    }
  }

  private void writeFile(int file) {
    Path path = directory.resolve("entries-%05d.%s".formatted(file, plan.word()));
    made.add(path);
    long first = plan.firstOf(file);
    long count = plan.firstOf(file + 1) - first;
    try {
      if (plan.format() == InputPlan.Format.CSV) {
        EntryFiles.writeCsv(path, plan, first, count, this::entryWritten);
      } else {
        EntryFiles.writeParquet(path, plan, first, count, this::entryWritten);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void entryWritten() {
    long done = written.incrementAndGet();
    if ((done & REPORT_MASK) == 0) {
      progress.update("generate", done, plan.entries());
      if (isEnding || progress.isCancelled()) {
        throw new FeatureKvException(ErrorCode.TRY_AGAIN, "interrupted");
      }
    }
  }

  /** Length of the files, or of all keys and values where there are none. */
  long bytes() {
    if (plan.format() == InputPlan.Format.GENERATE) {
      return plan.entryBytes();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> !file.getFileName().toString().startsWith("_"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    } catch (IOException e) {
      throw failure(directory, e);
    }
  }

  /** How long writing took; 0 where nothing was written. */
  double seconds() {
    return seconds;
  }

  private void clear() {
    isEnding = true;
    boolean wasInterrupted = Thread.interrupted();
    writers.shutdown();
    try {
      var _ = writers.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
      boolean isWhole = Files.exists(directory.resolve(DESCRIPTION));
      if (isKept && isWhole) {
        return;
      }
      for (Path path : made) {
        if (!path.equals(directory)) {
          Files.deleteIfExists(path);
        }
      }
      if (made.contains(directory)) {
        Files.deleteIfExists(directory);
      }
    } catch (IOException e) {
      throw failure(directory, e);
    } catch (InterruptedException e) {
      wasInterrupted = true;
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Any thread may; what another one has removed already does no harm. */
  @Override
  public void close() {
    if (made.isEmpty()) {
      return;
    }
    clear();
    made.clear();
  }
}
