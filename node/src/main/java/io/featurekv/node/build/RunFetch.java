package io.featurekv.node.build;

import io.featurekv.client.transport.Reply;
import io.featurekv.failpoint.Failpoint;
import io.featurekv.loader.SharedBuild.RunPart;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ShardFileId;
import io.featurekv.node.control.Peers;
import io.featurekv.node.wire.RunPartRequest;
import io.featurekv.node.wire.RunsReply;
import io.featurekv.node.wire.RunsReply.RunRange;
import io.featurekv.node.wire.RunsReply.SplitRuns;
import io.featurekv.node.wire.RunsRequest;
import io.featurekv.protocol.FrameType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import java.util.zip.CRC32C;

/**
 * Fetches what another builder's runs have of a shard: a few chunks under way at once, each held
 * against its checksum. Blocking.
 */
final class RunFetch {
  /** Chunks under way at once. */
  static final int WINDOW_CHUNKS = 4;

  /** How often a chunk is asked for before its node counts as one that cannot give it. */
  static final int MAX_CHUNK_ATTEMPTS = 3;

  private static final long TIMEOUT_MILLIS = 20_000;

  private final Peers peers;
  private final ShardFileId id;
  private final int attempt;
  private final Path directory;
  private final IntConsumer pace;

  /**
   * For one shard of one attempt.
   *
   * @param directory where the parts go
   * @param pace is told of bytes that came; blocks to slow the fetching down, throws to end it
   */
  RunFetch(Peers peers, ShardFileId id, int attempt, Path directory, IntConsumer pace) {
    this.peers = peers;
    this.id = id;
    this.attempt = attempt;
    this.directory = directory;
    this.pace = pace;
  }

  /**
   * The runs of a split, in order, how many lines or rows its parts have, and what sorting has
   * dropped of the shard.
   */
  record SplitParts(
      int split, List<RunPart> runs, List<Long> spans, long droppedRows, long droppedSum) {}

  private record Chunk(Path file, int split, int run, long begin, long offset, int length) {}

  private record Asked(Chunk chunk, int number, CompletableFuture<Reply> reply) {}

  /**
   * The splits' runs.
   *
   * @throws FeatureKvException UNAVAILABLE, DEADLINE, TRY_AGAIN while the node is not there;
   *     NOT_FOUND when it has not got them; CORRUPT when chunks do not arrive sound; NO_SPACE
   */
  List<SplitParts> fetch(String nodeId, List<Integer> splits) {
    Reply reply = join(peers.call(nodeId, FrameType.GET_RUNS, 0, request(splits), TIMEOUT_MILLIS));
    List<SplitParts> parts = new ArrayList<>();
    Deque<Asked> todo = new ArrayDeque<>();
    try {
      Files.createDirectories(directory);
      for (SplitRuns runs : RunsReply.decode(reply.body()).splits()) {
        parts.add(plan(nodeId, runs, todo));
      }
      fetch(nodeId, todo);
    } catch (IOException e) {
      throw failure(e);
    }
    return parts;
  }

  private ByteBuffer request(List<Integer> splits) {
    return new RunsRequest(id, attempt, splits).encode();
  }

  private SplitParts plan(String nodeId, SplitRuns runs, Deque<Asked> todo) throws IOException {
    List<RunPart> parts = new ArrayList<>();
    for (int run = 0; run < runs.runs().size(); run++) {
      RunRange range = runs.runs().get(run);
      Path file = directory.resolve(runs.split() + "-" + nodeId + "-" + run);
      Files.write(file, new byte[0]);
      for (long at = 0; at < range.lengthBytes(); at += RunPartRequest.MAX_BYTES) {
        int length = (int) Math.min(RunPartRequest.MAX_BYTES, range.lengthBytes() - at);
        Chunk chunk =
            new Chunk(file, runs.split(), run, range.offset(), range.offset() + at, length);
        todo.addLast(new Asked(chunk, 0, new CompletableFuture<>()));
      }
      parts.add(new RunPart(file, null, range.records(), range.lengthBytes()));
    }
    return new SplitParts(runs.split(), parts, runs.spans(), runs.droppedRows(), runs.droppedSum());
  }

  private void fetch(String nodeId, Deque<Asked> todo) throws IOException {
    Deque<Asked> underWay = new ArrayDeque<>();
    while (!todo.isEmpty() || !underWay.isEmpty()) {
      while (!todo.isEmpty() && underWay.size() < WINDOW_CHUNKS) {
        Asked next = todo.removeFirst();
        underWay.addLast(new Asked(next.chunk(), next.number() + 1, ask(nodeId, next.chunk())));
      }
      Asked first = underWay.removeFirst();
      try {
        store(nodeId, first.chunk(), join(first.reply()).body().order(ByteOrder.LITTLE_ENDIAN));
      } catch (FeatureKvException e) {
        boolean mayPass = e.code() == ErrorCode.TRY_AGAIN || e.code() == ErrorCode.CORRUPT;
        if (!mayPass || first.number() >= MAX_CHUNK_ATTEMPTS) {
          throw e;
        }
        todo.addFirst(first);
      }
    }
  }

  private CompletableFuture<Reply> ask(String nodeId, Chunk chunk) {
    RunPartRequest request =
        new RunPartRequest(id, attempt, chunk.split(), chunk.run(), chunk.offset(), chunk.length());
    return peers.call(nodeId, FrameType.GET_RUN_PART, 0, request.encode(), TIMEOUT_MILLIS);
  }

  private void store(String nodeId, Chunk chunk, ByteBuffer body) throws IOException {
    int expected = body.remaining() < Integer.BYTES ? 0 : body.getInt();
    CRC32C crc = new CRC32C();
    crc.update(body.duplicate());
    if (body.remaining() != chunk.length() || (int) crc.getValue() != expected) {
      throw new FeatureKvException(
          ErrorCode.CORRUPT,
          "bytes "
              + chunk.offset()
              + " of run "
              + chunk.run()
              + " of split "
              + chunk.split()
              + " from node "
              + nodeId
              + ": "
              + body.remaining()
              + " came with checksum "
              + Integer.toHexString((int) crc.getValue())
              + ", expected "
              + chunk.length()
              + " with "
              + Integer.toHexString(expected));
    }
    int length = body.remaining();
    Failpoint.BUILD_BEFORE_PART_STORE.hitWriting();
    try (FileChannel channel = FileChannel.open(chunk.file(), StandardOpenOption.WRITE)) {
      long at = chunk.offset() - chunk.begin();
      while (body.hasRemaining()) {
        at += channel.write(body, at);
      }
    }
    pace.accept(length);
  }

  private static Reply join(CompletableFuture<Reply> reply) {
    try {
      return reply.join();
    } catch (RuntimeException e) {
      throw FeatureKvException.from(e);
    }
  }

  private FeatureKvException failure(IOException e) {
    boolean isFull = String.valueOf(e.getMessage()).contains("No space left");
    return new FeatureKvException(
        isFull ? ErrorCode.NO_SPACE : ErrorCode.INTERNAL, directory + ": " + e, e);
  }
}
