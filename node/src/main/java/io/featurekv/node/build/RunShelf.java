package io.featurekv.node.build;

import io.featurekv.loader.SharedBuild;
import io.featurekv.loader.SplitOutcome;
import io.featurekv.loader.SplitOutcome.PartOutcome;
import io.featurekv.loader.SplitOutcome.StoredRun;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ShardFileId;
import io.featurekv.node.wire.RunPartRequest;
import io.featurekv.node.wire.RunsReply;
import io.featurekv.node.wire.RunsReply.RunRange;
import io.featurekv.node.wire.RunsReply.SplitRuns;
import io.featurekv.node.wire.RunsRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The runs that this node has of the builds under way, for itself and for others. Thread-safe. */
final class RunShelf {
  private final Map<Version, Shelf> shelves = new ConcurrentHashMap<>();

  private record Version(String table, long number) {}

  private record Shelf(int attempt, SharedBuild build, Map<Integer, SplitOutcome> outcomes) {}

  /** Has a place for the runs of a version from now on; what is in it first are those. */
  void open(
      String table,
      long version,
      int attempt,
      SharedBuild build,
      Map<Integer, SplitOutcome> outcomes) {
    shelves.put(
        new Version(table, version), new Shelf(attempt, build, new ConcurrentHashMap<>(outcomes)));
  }

  /** The runs of a split are here. */
  void put(String table, long version, int split, SplitOutcome outcome) {
    Shelf shelf = shelves.get(new Version(table, version));
    if (shelf != null) {
      shelf.outcomes().put(split, outcome);
    }
  }

  /** The runs of a split, if they are here. */
  Optional<SplitOutcome> find(String table, long version, int split) {
    Shelf shelf = shelves.get(new Version(table, version));
    return shelf == null ? Optional.empty() : Optional.ofNullable(shelf.outcomes().get(split));
  }

  /** The runs of a split are of no use. */
  void remove(String table, long version, int split) {
    Shelf shelf = shelves.get(new Version(table, version));
    if (shelf != null) {
      shelf.outcomes().remove(split);
    }
  }

  /** Forgets a version, if it is still at that attempt. */
  void close(String table, long version, int attempt) {
    shelves.computeIfPresent(
        new Version(table, version), (key, shelf) -> shelf.attempt() == attempt ? null : shelf);
  }

  private Shelf shelf(ShardFileId id, int attempt) {
    @Nullable Shelf shelf = shelves.get(new Version(id.table(), id.version()));
    if (shelf == null || shelf.attempt() != attempt) {
      throw new FeatureKvException(
          ErrorCode.TRY_AGAIN,
          "this node has not opened its runs of version "
              + id.version()
              + " of "
              + id.table()
              + ", attempt "
              + attempt);
    }
    return shelf;
  }

  private static SplitOutcome outcome(Shelf shelf, ShardFileId id, int split) {
    SplitOutcome outcome = shelf.outcomes().get(split);
    if (outcome == null) {
      throw new FeatureKvException(
          ErrorCode.NOT_FOUND,
          "this node has no runs of split "
              + split
              + " of version "
              + id.version()
              + " of "
              + id.table());
    }
    return outcome;
  }

  /**
   * Where the shard's records are.
   *
   * @throws FeatureKvException TRY_AGAIN while this node does not know yet, NOT_FOUND
   */
  RunsReply runs(RunsRequest request) {
    Shelf shelf = shelf(request.id(), request.attempt());
    List<SplitRuns> splits = new ArrayList<>();
    for (int split : request.splits()) {
      SplitOutcome outcome = outcome(shelf, request.id(), split);
      List<RunRange> runs = new ArrayList<>();
      for (StoredRun run : outcome.runs()) {
        runs.add(range(run, request.id().shard()));
      }
      splits.add(
          new SplitRuns(
              split,
              runs,
              outcome.parts().stream().map(PartOutcome::spanned).toList(),
              outcome.dropped().rows(request.id().shard()),
              outcome.dropped().sum(request.id().shard())));
    }
    return new RunsReply(splits);
  }

  private static RunRange range(StoredRun run, int shard) {
    long[] starts = run.index().starts();
    if (shard < 0 || shard + 1 >= starts.length) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "a run has " + (starts.length - 1) + " shards, not one numbered " + shard);
    }
    return new RunRange(
        starts[shard], starts[shard + 1] - starts[shard], run.index().counts()[shard]);
  }

  /** Body of RUN_PART. Reads the disk. */
  ByteBuffer part(RunPartRequest request) {
    Shelf shelf = shelf(request.id(), request.attempt());
    SplitOutcome outcome = outcome(shelf, request.id(), request.split());
    if (request.run() < 0 || request.run() >= outcome.runs().size()) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, "split " + request.split() + " has no run " + request.run());
    }
    StoredRun run = outcome.runs().get(request.run());
    RunRange range = range(run, request.id().shard());
    int length = request.length();
    boolean isInside =
        length > 0
            && length <= RunPartRequest.MAX_BYTES
            && request.offset() >= range.offset()
            && request.offset() + length <= range.offset() + range.lengthBytes();
    if (!isInside) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          length + " bytes at " + request.offset() + " are not in " + range);
    }
    ByteBuffer body = ByteBuffer.allocate(Integer.BYTES + length).order(ByteOrder.LITTLE_ENDIAN);
    body.position(Integer.BYTES);
    try (FileChannel channel = FileChannel.open(shelf.build().path(run), StandardOpenOption.READ)) {
      long at = request.offset();
      while (body.hasRemaining()) {
        int n = channel.read(body, at);
        if (n < 0) {
          throw new IOException("ends at " + at);
        }
        at += n;
      }
    } catch (IOException e) {
      // Whoever has to read the split again must not find these.
      shelf.outcomes().remove(request.split());
      shelf.build().forget(request.split());
      throw new FeatureKvException(
          ErrorCode.NOT_FOUND, shelf.build().path(run) + " cannot be read: " + e, e);
    }
    CRC32C crc = new CRC32C();
    crc.update(body.flip().position(Integer.BYTES));
    return body.putInt(0, (int) crc.getValue()).position(0);
  }
}
