package io.featurekv.loader;

import io.featurekv.loader.BuildResult.RejectedRow;
import io.featurekv.loader.BuildResult.Stage;
import io.featurekv.loader.ShardBuilding.BuiltShard;
import io.featurekv.loader.sort.Duplicates;
import io.featurekv.loader.sort.ExternalSort;
import io.featurekv.loader.sort.RowLocation;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One build from the first stage to the last. Used once. */
final class BuildRun {
  private static final Logger LOG = LoggerFactory.getLogger(BuildRun.class);
  private static final double NANOS_PER_SECOND = 1e9;

  private final BuildSpec spec;
  private final BuildProgress progress;
  private final BuildPorts ports;
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
    BuildInputs inputs = BuildInputs.of(spec.input(), spec.maxValueBytes(), ports.stdin());
    Path runs = spec.directory().resolve("runs");
    // An attempt that was killed may have left some.
    deleteShardFiles();
    try (Rejects rejects =
            new Rejects(spec.maxRejected(), spec.maxRejectedIsPercent(), spec.rejectsFile());
        DroppedRows dropped = new DroppedRows(inputs, rejects, spec.lastDuplicateWins());
        ExternalSort sort =
            new ExternalSort(runs, ports.order(), spec.shards(), sortMemoryBytes(), dropped)) {
      return build(inputs, rejects, dropped, sort);
    } catch (RuntimeException | Error e) {
      deleteShardFiles();
      throw e;
    }
  }

  private void checkBounds() {
    if (spec.shards() < 1 || spec.shards() > Limits.MAX_SHARDS) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, spec.shards() + " shards are not in 1.." + Limits.MAX_SHARDS);
    }
    if (spec.memoryBytes() < ExternalSort.MIN_MEMORY_BYTES) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          spec.memoryBytes()
              + " bytes of memory are less than the "
              + ExternalSort.MIN_MEMORY_BYTES
              + " (16 MiB) that a build needs");
    }
  }

  /** Half of the heap is left to the rest of the process, whatever was asked for. */
  private long sortMemoryBytes() {
    long half = Math.max(ExternalSort.MIN_MEMORY_BYTES, Runtime.getRuntime().maxMemory() / 2);
    if (spec.memoryBytes() > half) {
      LOG.info(
          "sorting in {} bytes instead of {}: the heap is no larger", half, spec.memoryBytes());
    }
    return Math.min(spec.memoryBytes(), half);
  }

  private BuildResult build(
      BuildInputs inputs, Rejects rejects, DroppedRows dropped, ExternalSort sort) {
    long rows = new RowReading(inputs, rejects, sort, progress).read();
    rejects.check(rows);
    endStage("read", rows);

    RowReading.stopIfCancelled(progress);
    progress.update("sort", sort.sorted(), sort.added());
    sort.finish(ShardBuilding.threads(spec));
    progress.update("sort", sort.added(), sort.added());
    endStage("sort", sort.added());

    RowReading.stopIfCancelled(progress);
    List<BuiltShard> shards = new ShardBuilding(spec, ports, sort, progress).build();
    rejects.check(rows);
    long entries = shards.stream().mapToLong(BuiltShard::entries).sum();
    long tombstones = shards.stream().mapToLong(BuiltShard::tombstones).sum();
    if (entries + tombstones == 0 && !spec.allowEmpty()) {
      throw new FeatureKvException(ErrorCode.CONFLICT, emptyMessage(inputs, rows, rejects.count()));
    }
    endStage("build", entries);
    List<SealedShardFile> files = new ArrayList<>();
    for (BuiltShard shard : shards) {
      SealedShardFile file = shard.file();
      if (file != null) {
        files.add(file);
      }
    }
    return new BuildResult(
        files,
        rows,
        entries,
        rejects.count(),
        dropped.duplicates(),
        shards.stream().mapToLong(BuiltShard::deleted).sum(),
        shards.stream().mapToLong(BuiltShard::bytes).sum(),
        stages,
        rejects.first());
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

  private void deleteShardFiles() {
    for (int shard = 0; ports.writers() != null && shard < spec.shards(); shard++) {
      Path file = spec.directory().resolve(shard + ".mdb");
      delete(file);
      delete(file.resolveSibling(file.getFileName() + ShardFiles.TEMPORARY_SUFFIX));
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("{} of an earlier or failed build cannot be deleted: {}", file, e.toString());
    }
  }

  /** Counts the rows that another row of their key replaces, or rejects them. */
  private record DroppedRows(
      BuildInputs inputs, Rejects rejects, boolean lastWins, AtomicLong dropped)
      implements Duplicates, AutoCloseable {
    DroppedRows(BuildInputs inputs, Rejects rejects, boolean lastWins) {
      this(inputs, rejects, lastWins, new AtomicLong());
    }

    @Override
    public void dropped(long location) {
      if (lastWins) {
        dropped.incrementAndGet();
        return;
      }
      int source = RowLocation.source(location);
      rejects.add(
          source,
          new RejectedRow(
              inputs.name(source),
              RowLocation.row(location),
              "an earlier row has the same key, and duplicates are errors"));
    }

    long duplicates() {
      return dropped.get();
    }

    @Override
    public void close() {}
  }
}
