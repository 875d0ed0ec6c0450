package io.featurekv.loader;

import io.featurekv.loader.BuildResult.Stage;
import io.featurekv.loader.InputReading.Attempt;
import io.featurekv.loader.InputReading.Complete;
import io.featurekv.loader.InputReading.Held;
import io.featurekv.loader.ShardBuilding.ShardSpec;
import io.featurekv.loader.ShardBuilding.Stepper;
import io.featurekv.loader.SplitOutcome.PartOutcome;
import io.featurekv.loader.SplitOutcome.StoredRun;
import io.featurekv.loader.sort.DiskFailure;
import io.featurekv.loader.sort.Run;
import io.featurekv.loader.sort.RunFile;
import io.featurekv.loader.sort.SortBuffer;
import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.UpdateMode;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardFileSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** One build from the first stage to the last. Used once. */
final class BuildRun {
  /** Least memory that a build works well with. */
  static final long MIN_MEMORY_BYTES = 16L << 20;

  /** Most threads that read, and most shards that are built at once. */
  static final int MAX_THREADS = 16;

  private static final int BUILDERS_PER_THREAD = 2;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final long MIN_SPLIT_BYTES = 4L << 20;
  private static final long MAX_SPLIT_BYTES = 512L << 20;

  /** So many splits a thread make the work even. */
  private static final int SPLITS_PER_THREAD = 8;

  private final BuildSpec spec;
  private final BuildProgress progress;
  private final BuildPorts ports;
  private final int threads =
      Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MAX_THREADS);
  private final List<Stage> stages = new ArrayList<>();
  private long stageStart = System.nanoTime();

  /** A build that has not begun. */
  BuildRun(BuildSpec spec, BuildProgress progress, BuildPorts ports) {
    this.spec = spec;
    this.progress = progress;
    this.ports = ports;
  }

  BuildResult run() {
    checkBounds();
    RejectedRows rejected = new RejectedRows(spec.maxRejected(), spec.maxRejectedIsPercent());
    Plan plan = plan();
    BuildInputs inputs = plan.inputs();
    List<Split> splits = plan.splits();
    BuildDirectory directory =
        BuildDirectory.open(spec.directory(), planText(splits), isResumable(inputs));
    try (OutputStream rejectsOut = RejectedRows.open(spec.rejectsFile())) {
      BuildResult result = build(inputs, splits, rejected, directory, rejectsOut);
      directory.deleteRuns();
      return result;
    } catch (IOException e) {
      throw DiskFailure.of("rejected rows cannot be written to " + spec.rejectsFile(), e);
    } catch (RuntimeException | Error e) {
      if (!isResumable(inputs) || !isWorthKeeping(e)) {
        directory.deleteAll();
      }
      throw e;
    }
  }

  /** What says the same again on the same files, or doubts them, need not go on from them. */
  private static boolean isWorthKeeping(Throwable failure) {
    return !(failure instanceof FeatureKvException known)
        || switch (known.code()) {
          case CONFLICT, INVALID_ARGUMENT, CORRUPT, TOO_LARGE, NOT_FOUND -> false;
          default -> true;
        };
  }

  private boolean isResumable(BuildInputs inputs) {
    return spec.resumable() && ports.writers() != null && inputs.isShared();
  }

  private void checkBounds() {
    if (spec.shards() < 1 || spec.shards() > Limits.MAX_SHARDS) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, spec.shards() + " shards are not in 1.." + Limits.MAX_SHARDS);
    }
    if (spec.memoryBytes() < MIN_MEMORY_BYTES) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          spec.memoryBytes()
              + " bytes of memory are less than the "
              + MIN_MEMORY_BYTES
              + " (16 MiB) that a build needs");
    }
  }

  private record Plan(BuildInputs inputs, List<Split> splits) {}

  /** Looks for the inputs, which may take as long as reading them does. */
  private Plan plan() {
    BuildProgressMeter meter = new BuildProgressMeter("read", -1, -1, progress);
    ExecutorService finder =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("featurekv-inputs-", 0).factory());
    try {
      return meter.await(
          finder.submit(
              () -> {
                BuildInputs inputs = BuildInputs.of(spec, ports.stdin());
                return new Plan(inputs, split(inputs));
              }));
    } finally {
      BuildProgressMeter.endReaders(finder);
    }
  }

  private List<Split> split(BuildInputs inputs) {
    long lengthBytes = inputs.lengthBytes();
    long even = lengthBytes < 0 ? MAX_SPLIT_BYTES : lengthBytes / threads / SPLITS_PER_THREAD;
    long most = Math.max(MIN_SPLIT_BYTES, Math.min(MAX_SPLIT_BYTES, spec.memoryBytes() / 4));
    try {
      return Split.plan(inputs.inputs(), Math.clamp(even, MIN_SPLIT_BYTES, most));
    } catch (IOException e) {
      throw DiskFailure.of("the inputs cannot be read", e);
    }
  }

  /** Everything that decides what the files of this build hold. */
  private String planText(List<Split> splits) {
    String text =
        String.join(
            "|",
            ShardBuild.inputsDigest(spec.input()),
            spec.table(),
            spec.kind().word(),
            Long.toString(spec.version()),
            Integer.toString(spec.shards()),
            spec.mode().word(),
            Long.toString(spec.maxValueBytes()),
            Integer.toString(spec.blockEntries()),
            Long.toString(spec.entryTtlMillis()),
            Boolean.toString(spec.lastDuplicateWins()),
            spec.schemaText(),
            splits.toString());
    return Digest.of(Digest.sha256().digest(text.getBytes(StandardCharsets.UTF_8))).hex();
  }

  private BuildResult build(
      BuildInputs inputs,
      List<Split> splits,
      RejectedRows rejected,
      BuildDirectory directory,
      @Nullable OutputStream rejectsOut) {
    List<@Nullable ShardOutcome> finished = finishedShards(splits, directory);
    boolean allShards = !finished.contains(null);
    List<Run> runs = new ArrayList<>();
    try (BufferPool buffers = buffers()) {
      List<Attempt> read = read(inputs, splits, rejected, directory, buffers, allShards, runs);
      RowNumbers numbers = RowNumbers.of(inputs, splits, read);
      long rows = rows(read, rejected);
      // Behind a split that is held nothing counts, though some of it may have been read.
      writeRejects(splits.subList(0, read.size()), directory, numbers, rejectsOut);
      checkColumns(splits, read);
      rejected.check(rows, numbers);
      endStage("read", rows);

      List<ShardOutcome> shards = buildShards(read, runs, finished, directory);
      for (ShardOutcome shard : shards) {
        rejected.add(shard.rejected(), shard.firstRejected());
      }
      writeDuplicates(directory, numbers, rejectsOut);
      rejected.check(rows, numbers);
      return result(inputs, rows, rejected, numbers, shards);
    } finally {
      runs.forEach(isResumable(inputs) ? Run::close : RunMaking::discard);
    }
  }

  private List<@Nullable ShardOutcome> finishedShards(
      List<Split> splits, BuildDirectory directory) {
    List<@Nullable ShardOutcome> finished = new ArrayList<>();
    for (int shard = 0; shard < spec.shards(); shard++) {
      ShardOutcome outcome = directory.shard(shard, fileSpec(shard));
      boolean isWhole =
          outcome != null && hasRejections(directory.shardRejections(shard), outcome.rejected());
      finished.add(isWhole ? outcome : null);
    }
    // Where a split is read again, its runs may end elsewhere, and with them what was rejected of
    // it as a duplicate inside one run and not by a shard.
    boolean mayBeUsed =
        spec.lastDuplicateWins()
            || splits.stream()
                .allMatch(split -> isThere(split, directory, !finished.contains(null)));
    return mayBeUsed ? finished : Collections.nCopies(spec.shards(), null);
  }

  /** Whether a split needs not be read again. */
  private boolean isThere(Split split, BuildDirectory directory, boolean allShards) {
    Complete known = resumed(split, directory, allShards);
    if (known == null) {
      return false;
    }
    known.runs().forEach(Run::close);
    return true;
  }

  /** What became of a split in an attempt before, with all that is wanted of it; else null. */
  private @Nullable SplitOutcome finishedSplit(Split split, BuildDirectory directory) {
    SplitOutcome outcome = directory.split(split.number());
    return outcome != null
            && hasRejections(directory.runFiles().rejections(split.number()), outcome.rejected())
        ? outcome
        : null;
  }

  /** Whether an attempt before has left the rows that it rejected, where they are wanted. */
  private boolean hasRejections(Path spool, long count) {
    return spec.rejectsFile() == null || Rejections.isWhole(spool, count);
  }

  private ShardFileSpec fileSpec(int shard) {
    return new ShardFileSpec(
        new ShardFileId(spec.table(), spec.version(), shard),
        spec.shards(),
        spec.kind(),
        spec.mode());
  }

  private BufferPool buffers() {
    // A tenth for what writes runs, a fifth for all else, and one buffer more than there are
    // readers, so that one is sorted while the others fill.
    return new BufferPool(
        spec.memoryBytes() / 10 * 7,
        threads + 1,
        bytes -> new SortBuffer(ports.order(), spec.shards(), !spec.lastDuplicateWins(), bytes));
  }

  /** Reads all splits; adds their runs, where shards are still to be built of them. */
  private List<Attempt> read(
      BuildInputs inputs,
      List<Split> splits,
      RejectedRows rejected,
      BuildDirectory directory,
      BufferPool buffers,
      boolean allShards,
      List<Run> runs) {
    BuildProgressMeter meter = new BuildProgressMeter("read", -1, inputs.lengthBytes(), progress);
    ExecutorService sorters =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("featurekv-sort-", 0).factory());
    SplitWork work =
        new SplitWork(
            spec, inputs, rejected.mostOfSplit(), buffers, sorters, directory, meter, bytes -> {});
    try (InputReading reading = new InputReading(splits, work::read, threads, meter)) {
      for (Split split : splits) {
        Complete known = resumed(split, directory, allShards);
        if (known != null) {
          reading.resume(known);
          meter.add(known.outcome().rows(), Math.max(0, split.lengthBytes()));
        }
      }
      try {
        meter.report();
        List<Attempt> read = reading.run();
        runs.addAll(InputReading.runs(read));
        meter.finish();
        return read;
      } catch (RuntimeException | Error e) {
        reading.close();
        reading.abandon(isResumable(inputs));
        throw e;
      }
    } finally {
      // A reader that was left behind gets back what it gave to them, once it hears of the end.
      BuildProgressMeter.drain(sorters);
    }
  }

  /** A split that an attempt before this one has read, if all that is needed of it is there. */
  private @Nullable Complete resumed(Split split, BuildDirectory directory, boolean allShards) {
    SplitOutcome outcome = finishedSplit(split, directory);
    if (outcome == null || allShards) {
      return outcome == null ? null : new Complete(outcome, List.of());
    }
    List<Run> runs = new ArrayList<>();
    try {
      for (StoredRun run : outcome.runs()) {
        runs.add(RunFile.open(directory.path(run.file()), ports.order(), run.index()));
      }
      return new Complete(outcome, runs);
    } catch (FeatureKvException e) {
      runs.forEach(Run::close);
      return null;
    }
  }

  private static long rows(List<Attempt> read, RejectedRows rejected) {
    long rows = 0;
    for (Attempt attempt : read) {
      switch (attempt) {
        case Complete complete -> {
          rows += complete.outcome().rows();
          rejected.add(complete.outcome().rejected(), complete.outcome().firstRejected());
        }
        case Held held -> {
          rows += held.rows();
          rejected.addAll(held.rejections());
        }
      }
    }
    return rows;
  }

  private static void writeRejects(
      List<Split> splits,
      BuildDirectory directory,
      RowNumbers numbers,
      @Nullable OutputStream out) {
    if (out != null) {
      for (Split split : splits) {
        RejectedRows.write(directory.runFiles().rejections(split.number()), numbers, out);
      }
    }
  }

  private void writeDuplicates(
      BuildDirectory directory, RowNumbers numbers, @Nullable OutputStream out) {
    if (out != null) {
      for (int shard = 0; shard < spec.shards(); shard++) {
        RejectedRows.write(directory.shardRejections(shard), numbers, out);
      }
    }
  }

  /** Rows with columns of their own: a column that no row has was never meant to be there. */
  private static void checkColumns(List<Split> splits, List<Attempt> read) {
    int input = -1;
    boolean hasColumns = true;
    String lacking = "";
    for (Attempt attempt : read) {
      if (!(attempt instanceof Complete complete)) {
        continue;
      }
      Split split = splits.get(complete.outcome().split());
      for (int i = 0; i < split.parts().size(); i++) {
        PartOutcome part = complete.outcome().parts().get(i);
        if (split.parts().get(i).input() != input) {
          refuseLacking(hasColumns, lacking);
          input = split.parts().get(i).input();
          hasColumns = false;
          lacking = "";
        }
        hasColumns |= part.hasColumns();
        lacking = lacking.isEmpty() ? part.lacking() : lacking;
      }
    }
    refuseLacking(hasColumns, lacking);
  }

  private static void refuseLacking(boolean hasColumns, String lacking) {
    if (!hasColumns && !lacking.isEmpty()) {
      throw new FeatureKvException(ErrorCode.INVALID_ARGUMENT, lacking);
    }
  }

  private List<ShardOutcome> buildShards(
      List<Attempt> read,
      List<Run> runs,
      List<@Nullable ShardOutcome> finished,
      BuildDirectory directory) {
    ShardTallies parsed = new ShardTallies(spec.shards());
    ShardTallies dropped = new ShardTallies(spec.shards());
    for (Attempt attempt : read) {
      if (attempt instanceof Complete complete) {
        parsed.add(complete.outcome().parsed());
        dropped.add(complete.outcome().dropped());
      }
    }
    // While some wait for the disk, others build.
    int builders = Math.min(BUILDERS_PER_THREAD * threads, spec.shards());
    BuildProgressMeter meter =
        new BuildProgressMeter("build", parsed.rows() - dropped.rows(), -1, progress);
    ShardBuilding building =
        new ShardBuilding(
            shardSpec(runs, builders), runs, parsed, dropped, ports.writers(), steps(meter));
    ExecutorService pool =
        Executors.newFixedThreadPool(
            builders, Thread.ofPlatform().daemon().name("featurekv-build-", 0).factory());
    try {
      meter.report();
      List<Future<ShardOutcome>> under = new ArrayList<>();
      for (int shard = 0; shard < spec.shards(); shard++) {
        int number = shard;
        ShardOutcome known = finished.get(shard);
        under.add(
            pool.submit(
                () ->
                    known == null
                        ? build(building, number, directory, meter)
                        : counted(known, meter)));
      }
      List<ShardOutcome> built = new ArrayList<>();
      for (Future<ShardOutcome> shard : under) {
        built.add(meter.await(shard));
      }
      meter.finish();
      return built;
    } finally {
      BuildProgressMeter.end(pool);
    }
  }

  private static Stepper steps(BuildProgressMeter meter) {
    return new Stepper() {
      @Override
      public void built(long entries) {
        meter.add(entries, 0);
      }

      @Override
      public void readBack(int bytes) {
        meter.add(0, 0);
      }
    };
  }

  /** A shard that an attempt before this one has built. */
  private static ShardOutcome counted(ShardOutcome known, BuildProgressMeter meter) {
    meter.add(known.entries() + known.tombstones(), lengthBytes(known));
    return known;
  }

  private static long lengthBytes(ShardOutcome outcome) {
    SealedShardFile file = outcome.file();
    return file == null ? 0 : file.manifest().lengthBytes();
  }

  private ShardOutcome build(
      ShardBuilding building, int shard, BuildDirectory directory, BuildProgressMeter meter) {
    try (Rejections rejections =
        Rejections.begin(directory.shardRejections(shard), spec.rejectsFile() != null)) {
      meter.add(0, 0);
      ShardOutcome outcome = building.build(shard, directory.shardFile(shard), rejections);
      rejections.close();
      directory.finish(shard, outcome);
      meter.add(0, lengthBytes(outcome));
      return outcome;
    } catch (RuntimeException | Error e) {
      meter.stop(e);
      throw e;
    }
  }

  private ShardSpec shardSpec(List<Run> runs, int builders) {
    return new ShardSpec(
        spec.table(),
        spec.kind(),
        ports.order(),
        spec.version(),
        spec.shards(),
        spec.mode(),
        spec.blockEntries(),
        ports.writers() == null
            ? null
            : ShardBuilding.dictionary(spec.kind(), spec.blockEntries(), runs),
        spec.lastDuplicateWins(),
        spec.entryTtlMillis(),
        ports.clock().millis(),
        spec.memoryBytes() / 5 / builders);
  }

  private BuildResult result(
      BuildInputs inputs,
      long rows,
      RejectedRows rejected,
      RowNumbers numbers,
      List<ShardOutcome> shards) {
    long entries = shards.stream().mapToLong(ShardOutcome::entries).sum();
    long tombstones = shards.stream().mapToLong(ShardOutcome::tombstones).sum();
    long deleted = shards.stream().mapToLong(ShardOutcome::deleted).sum();
    if (entries + tombstones == 0 && !spec.allowEmpty()) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT, emptyMessage(inputs, rows, rejected.count()));
    }
    endStage("build", entries);
    long dropped = shards.stream().mapToLong(ShardOutcome::droppedRows).sum();
    List<SealedShardFile> files = new ArrayList<>();
    for (ShardOutcome shard : shards) {
      SealedShardFile file = shard.file();
      if (file != null) {
        files.add(file);
      }
    }
    return new BuildResult(
        files,
        rows,
        entries,
        rejected.count(),
        spec.lastDuplicateWins() ? dropped - (spec.mode() == UpdateMode.FULL ? deleted : 0) : 0,
        deleted,
        shards.stream().mapToLong(ShardOutcome::bytes).sum(),
        shards,
        stages,
        rejected.first(numbers));
  }

  private static String emptyMessage(BuildInputs inputs, long rows, long rejected) {
    String from = inputs.count() == 1 ? inputs.name(0) : "the input (" + inputs.count() + " files)";
    return from
        + " has no entries ("
        + rows
        + " rows, "
        + rejected
        + " of them rejected); an empty version is built only where that is asked for"
        + " (--allow-empty)";
  }

  private void endStage(String name, long entries) {
    long now = System.nanoTime();
    stages.add(new Stage(name, (now - stageStart) / NANOS_PER_SECOND, entries));
    stageStart = now;
  }
}
