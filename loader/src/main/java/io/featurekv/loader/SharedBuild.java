package io.featurekv.loader;

import io.featurekv.loader.InputReading.Attempt;
import io.featurekv.loader.InputReading.Complete;
import io.featurekv.loader.InputReading.Held;
import io.featurekv.loader.ShardBuilding.ShardSpec;
import io.featurekv.loader.ShardBuilding.Stepper;
import io.featurekv.loader.SplitOutcome.StoredRun;
import io.featurekv.loader.sort.Run;
import io.featurekv.loader.sort.RunFile;
import io.featurekv.loader.sort.SortBuffer;
import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.storage.EntryOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One process's share of a build: it reads some of the splits of a {@link SharedPlan} into runs, in
 * a directory of its own, and builds some of the shards of the runs of all. Every call works by
 * itself, within its own memory, and may be made from any thread; none is made twice at once for
 * the same split or shard. Closed when no call is under way any more.
 */
public final class SharedBuild implements AutoCloseable {
  /** Most rejected rows of a split that are let pass before it is given up, whatever the limit. */
  private static final long MAX_COUNTED_BEYOND_LIMIT = 1000;

  private final BuildSpec spec;
  private final SharedPlan plan;
  private final BuildDirectory directory;
  private final EntryOrder order;
  private final ThreadFactory threads;
  private final IntConsumer pace;

  /**
   * Empty buffers of splits that were read, for the next ones: memory that was touched before costs
   * nothing. Guarded by itself.
   */
  private final Deque<SortBuffer> spares = new ArrayDeque<>();

  private boolean isClosed;

  /** What one reading of a split came to. */
  public sealed interface Reading {}

  /** It was read, and its runs are in the directory. */
  public record Read(SplitOutcome outcome) implements Reading {}

  /**
   * It could not be read.
   *
   * @param isDoubtful whether it was begun by assumption, so that this may mean nothing
   */
  public record Failed(FeatureKvException error, boolean isDoubtful) implements Reading {}

  /**
   * A run, or what of it belongs to one shard.
   *
   * @param file where it is
   * @param index of a run of this process; null of one that was fetched: it has one shard's part
   * @param records of that part
   */
  public record RunPart(Path file, RunFile.@Nullable Index index, long records, long lengthBytes) {}

  private SharedBuild(
      BuildSpec spec,
      SharedPlan plan,
      BuildDirectory directory,
      ThreadFactory threads,
      IntConsumer pace) {
    this.spec = spec;
    this.plan = plan;
    this.directory = directory;
    this.order = EntryOrder.of(spec.kind());
    this.threads = threads;
    this.pace = pace;
  }

  /**
   * Goes on from what is in the directory, if it is of the same plan and rules; else empties it.
   *
   * @param spec its memory is that of one call, its directory this process's own
   * @param buildId which build it is: files of another one are not used
   * @param threads that work; those that call only wait
   * @param pace is told of bytes that were read or written, and may block to slow the work down
   */
  public static SharedBuild open(
      BuildSpec spec, SharedPlan plan, String buildId, ThreadFactory threads, IntConsumer pace) {
    String text =
        String.join(
            "|",
            buildId,
            spec.table(),
            spec.kind().word(),
            Long.toString(spec.version()),
            Integer.toString(spec.shards()),
            spec.mode().word(),
            Long.toString(spec.maxValueBytes()),
            Boolean.toString(spec.lastDuplicateWins()),
            spec.schemaText(),
            InputDigest.of(spec.input(), plan.inputs().inputs()),
            plan.splits().toString());
    String digest = Digest.of(Digest.sha256().digest(text.getBytes(StandardCharsets.UTF_8))).hex();
    BuildDirectory directory = BuildDirectory.open(spec.directory(), digest, true);
    return new SharedBuild(spec, plan, directory, threads, pace);
  }

  /** The plan. */
  public SharedPlan plan() {
    return plan;
  }

  /** What this process read of a split before, with all of its runs there; empty otherwise. */
  public Optional<SplitOutcome> known(int split) {
    SplitOutcome outcome = directory.split(split);
    if (outcome == null) {
      return Optional.empty();
    }
    try {
      for (StoredRun run : outcome.runs()) {
        RunFile.open(path(run), order, run.index()).close();
      }
      return Optional.of(outcome);
    } catch (FeatureKvException e) {
      return Optional.empty();
    }
  }

  /** Deletes the runs of a split that another process has read first. */
  public void forget(int split) {
    directory.forget(split);
  }

  /** Where a run of this process is. */
  public Path path(StoredRun run) {
    return directory.path(run.file());
  }

  /** Where the file of a shard is built. */
  public Path shardFile(int shard) {
    return directory.shardFile(shard);
  }

  /**
   * Reads a split into runs that are kept.
   *
   * @param from where in its first input it has to begin; -1 where that is not known
   * @param progress hears of it from the calling thread, and may cancel
   * @throws FeatureKvException TRY_AGAIN when cancelled
   */
  public Reading read(int split, long from, BuildProgress progress) {
    Split planned = plan.splits().get(split);
    boolean isAssumed = from < 0 && plan.isContinued(split);
    Optional<SplitOutcome> known = known(split);
    if (known.isPresent() && (isAssumed || from < 0 || known.get().startedAt() == from)) {
      return checkColumns(known.get());
    }
    BuildProgressMeter meter = new BuildProgressMeter("read", -1, planned.lengthBytes(), progress);
    ExecutorService reader = Executors.newSingleThreadExecutor(threads);
    ExecutorService sorter = Executors.newSingleThreadExecutor(threads);
    try (BufferPool buffers = buffers()) {
      SplitWork work =
          new SplitWork(
              spec, plan.inputs(), mostRejected(), buffers, sorter, directory, meter, pace);
      Split begun = from < 0 ? planned : planned.from(from);
      Future<Attempt> attempt = reader.submit(() -> work.read(begun));
      Attempt read = meter.await(attempt);
      meter.finish();
      return switch (read) {
        case Complete complete -> {
          complete.runs().forEach(Run::close);
          yield checkColumns(complete.outcome());
        }
        case Held held -> new Failed(failure(split, held), isAssumed);
      };
    } finally {
      // The reader waits for what it gave to the sorter, which therefore ends last.
      BuildProgressMeter.end(reader);
      BuildProgressMeter.end(sorter);
    }
  }

  private BufferPool buffers() {
    return new BufferPool(spec.memoryBytes() / 10 * 7, 2, this::buffer, this::putAside);
  }

  private SortBuffer buffer(long bytes) {
    synchronized (spares) {
      SortBuffer spare = spares.pollFirst();
      if (spare != null) {
        return spare;
      }
    }
    return new SortBuffer(order, spec.shards(), !spec.lastDuplicateWins(), bytes);
  }

  private void putAside(SortBuffer buffer) {
    synchronized (spares) {
      if (!isClosed) {
        spares.addFirst(buffer);
        return;
      }
    }
    buffer.close();
  }

  /** Gives back memory that only reading needs; reading again takes new. */
  public void freeBuffers() {
    synchronized (spares) {
      spares.forEach(SortBuffer::close);
      spares.clear();
    }
  }

  @Override
  public void close() {
    synchronized (spares) {
      isClosed = true;
    }
    freeBuffers();
  }

  private long mostRejected() {
    return spec.maxRejectedIsPercent()
        ? Long.MAX_VALUE
        : (long) Math.max(spec.maxRejected(), MAX_COUNTED_BEYOND_LIMIT);
  }

  private FeatureKvException failure(int split, Held held) {
    if (held.failure() != null) {
      return held.failure();
    }
    StringBuilder message = new StringBuilder();
    message
        .append("more than ")
        .append(mostRejected())
        .append(" of the first ")
        .append(held.rows())
        .append(" rows rejected:");
    for (Rejection rejection : held.rejections().first()) {
      message
          .append("\n  row ")
          .append(rejection.row())
          .append(" of ")
          .append(plan.pieces().get(split).what())
          .append(": ")
          .append(rejection.reason());
    }
    return new FeatureKvException(ErrorCode.CONFLICT, message.toString());
  }

  /** What lies wholly within one split is checked here. */
  private Reading checkColumns(SplitOutcome outcome) {
    for (PartGroup group : PartGroup.of(plan, outcome)) {
      if (!group.hasColumns() && !group.lacking().isEmpty() && group.isWhole()) {
        return new Failed(
            new FeatureKvException(ErrorCode.INVALID_ARGUMENT, group.lacking()), false);
      }
    }
    return new Read(outcome);
  }

  /** The first and the last input of a split, which it may share with others, as it found them. */
  public List<PartGroup> groups(SplitOutcome outcome) {
    return PartGroup.of(plan, outcome);
  }

  /**
   * Builds the file of one shard, at {@link #shardFile}, and reads it back.
   *
   * @param runs of all splits, in input order
   * @param parsed what was parsed for the shard; other shards need not be right
   * @param dropped what sorting left out of that
   * @param nowMillis what the table's TTL is counted from
   * @throws FeatureKvException CORRUPT, naming the shard, when the file is not what was parsed;
   *     TRY_AGAIN when cancelled
   */
  public ShardOutcome build(
      int shard,
      List<RunPart> runs,
      ShardTallies parsed,
      ShardTallies dropped,
      long nowMillis,
      BuildProgress progress) {
    BuildProgressMeter meter = new BuildProgressMeter("build", parsed.rows(shard), -1, progress);
    ExecutorService builder = Executors.newSingleThreadExecutor(threads);
    List<Run> open = new ArrayList<>();
    try (Rejections rejections = new Rejections()) {
      for (RunPart run : runs) {
        if (run.records() > 0) {
          open.add(open(shard, run));
        }
      }
      long bytes = runs.stream().mapToLong(RunPart::lengthBytes).sum();
      long bytesPerRow = bytes / Math.max(1, parsed.rows(shard)) + 1;
      Future<ShardOutcome> built =
          builder.submit(
              () ->
                  new ShardBuilding(
                          shardSpec(open, nowMillis),
                          open,
                          parsed,
                          dropped,
                          WriterFactory.REAL,
                          paced(meter, bytesPerRow))
                      .build(shard, directory.shardFile(shard), rejections));
      ShardOutcome outcome = meter.await(built);
      meter.finish();
      return outcome;
    } finally {
      BuildProgressMeter.end(builder);
      open.forEach(Run::close);
    }
  }

  /** Slows building down as it is asked to, and lets it stop. */
  private Stepper paced(BuildProgressMeter meter, long bytesPerRow) {
    return new Stepper() {
      @Override
      public void built(long entries) {
        meter.add(entries, 0);
        pace.accept((int) Math.min(Integer.MAX_VALUE, entries * bytesPerRow));
      }

      @Override
      public void readBack(int bytes) {
        meter.add(0, bytes);
        pace.accept(bytes);
      }
    };
  }

  private Run open(int shard, RunPart run) {
    RunFile.Index index =
        run.index() == null
            ? RunFile.Index.ofShard(shard, spec.shards(), run.records(), run.lengthBytes())
            : run.index();
    return RunFile.open(run.file(), order, index);
  }

  private ShardSpec shardSpec(List<Run> runs, long nowMillis) {
    return new ShardSpec(
        spec.table(),
        spec.kind(),
        order,
        spec.version(),
        spec.shards(),
        spec.mode(),
        spec.blockEntries(),
        ShardBuilding.dictionary(spec.kind(), spec.blockEntries(), runs),
        spec.lastDuplicateWins(),
        spec.entryTtlMillis(),
        nowMillis,
        spec.memoryBytes() / 5);
  }

  /** The split that a part is of. */
  public int splitOf(int part) {
    int split = 0;
    while (split + 1 < plan.splits().size() && plan.splits().get(split + 1).firstPart() <= part) {
      split++;
    }
    return split;
  }

  /**
   * Where a rejected row stands, as far as one split can tell.
   *
   * @param spans lines or rows of each part of its split
   */
  public Placed place(Rejection rejection, List<Long> spans) {
    int number = splitOf(rejection.part());
    Split split = plan.splits().get(number);
    int index = rejection.part() - split.firstPart();
    int input = split.parts().get(index).input();
    long row = rejection.row();
    for (int i = 0; i < index && i < spans.size(); i++) {
      row += split.parts().get(i).input() == input ? spans.get(i) : 0;
    }
    boolean isFirst = input == split.parts().getFirst().input();
    return new Placed(
        number,
        plan.inputs().name(input),
        row,
        isFirst && plan.isContinued(number),
        rejection.reason());
  }

  /**
   * A rejected row.
   *
   * @param countsOn whether {@code row} is counted from where the split begins in the input
   */
  public record Placed(int split, String input, long row, boolean countsOn, String reason) {}
}
