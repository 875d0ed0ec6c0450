package io.featurekv.node.serving;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ReadClock;
import io.featurekv.model.TableKind;
import io.featurekv.node.control.Peers;
import io.featurekv.storage.KeyBatch;
import io.featurekv.storage.ShardChain;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers batches, whatever protocol they came by: from the chains that are open here and, for
 * shards that are not, from other nodes. Any thread.
 *
 * <p>{@code mem} is answered on the calling thread, an event loop, before {@link #read} returns;
 * {@code idx} and {@code blk}, which may wait for a disk, on the read pool. Every value of a batch
 * is of the one version of its query.
 */
public final class BatchReads {
  private static final Logger LOG = LoggerFactory.getLogger(BatchReads.class);

  private final ServingCatalog catalog;
  private final Executor readPool;
  private final Forwarder forwarder;
  private final ReadTallies tallies;
  private final ReadClock readClock;

  /** {@code readPool} rejects when its queue is full. */
  public BatchReads(
      ServingCatalog catalog,
      Executor readPool,
      Peers peers,
      ReadTallies tallies,
      ReadClock readClock) {
    this.catalog = catalog;
    this.readPool = readPool;
    this.forwarder = new Forwarder(peers);
    this.tallies = tallies;
    this.readClock = readClock;
  }

  /** What can be read now; take it once for all that is to be of one moment. */
  public ServingCatalog.Picture picture() {
    return catalog.current();
  }

  /** The read time of now, in milliseconds since 1970. */
  public long readTimeMillis() {
    return readClock.millis();
  }

  /**
   * The calling thread's batch of keys: reset it, add keys, and call {@link #read} before anything
   * else is done with it.
   */
  public KeyBatch keys() {
    return BatchScratch.ofThisThread().keys;
  }

  /** Counts a read that was refused before it began. */
  public void refused() {
    tallies.ofThisThread().refused();
  }

  /**
   * Answers a batch of the keys in {@link #keys()}. What goes wrong with all of it is told to the
   * reply; nothing is thrown.
   *
   * @param holder hears of the bytes that are kept for a reply that comes later
   */
  public void read(BatchQuery query, BatchReply reply, BytesHolder holder) {
    tallies.ofThisThread().arrived();
    BatchScratch scratch = BatchScratch.ofThisThread();
    KeyBatch keys = scratch.keys;
    keys.route(query.version().shardCount());
    boolean isHere = query.version().isWhole() || !query.mayForward() || hasAll(query, keys);
    if (!isHere) {
      gather(query, PackedKeys.copyOf(keys), reply, holder);
    } else if (query.version().kind() == TableKind.MEM) {
      finish(scratch, query, null, reply);
    } else {
      finishOnPool(query, PackedKeys.copyOf(keys), null, reply, holder, true);
    }
  }

  private static boolean hasAll(BatchQuery query, KeyBatch keys) {
    List<@Nullable ShardChain> chains = query.version().chains();
    for (int i = 0; i < keys.touchedShards(); i++) {
      if (chains.get(keys.touchedShard(i)) == null) {
        return false;
      }
    }
    return true;
  }

  private void gather(BatchQuery query, PackedKeys keys, BatchReply reply, BytesHolder holder) {
    List<@Nullable ShardChain> chains = query.version().chains();
    List<Integer> missing = new ArrayList<>();
    for (int key = 0; key < keys.count(); key++) {
      if (chains.get(keys.shard(key)) == null) {
        missing.add(key);
      }
    }
    tallies.ofThisThread().forwarded(missing.size());
    holder.hold(keys.heldBytes());
    CompletableFuture<Forwarder.Gathered> gathering;
    try {
      gathering = forwarder.gather(query, keys, missing);
    } catch (RuntimeException | Error e) {
      letGo(keys, holder);
      count(query, keys.count(), e);
      fail(reply, e);
      return;
    }
    var _ =
        gathering.whenComplete(
            (gathered, failure) -> finishOnPool(query, keys, gathered, reply, holder, false));
  }

  private void finishOnPool(
      BatchQuery query,
      PackedKeys keys,
      Forwarder.@Nullable Gathered gathered,
      BatchReply reply,
      BytesHolder holder,
      boolean isFirst) {
    if (isFirst) {
      holder.hold(keys.heldBytes());
    }
    try {
      readPool.execute(
          () -> {
            // What is answered now does not wait any more.
            holder.hold(-keys.heldBytes());
            try {
              BatchScratch scratch = BatchScratch.ofThisThread();
              keys.fill(scratch.keys);
              scratch.keys.route(query.version().shardCount());
              finishLater(scratch, query, gathered, reply);
            } catch (RuntimeException | Error e) {
              count(query, keys.count(), e);
              fail(reply, e);
            } finally {
              keys.release();
            }
          });
    } catch (RejectedExecutionException e) {
      letGo(keys, holder);
      tallies.ofThisThread().refused();
      reply.fail(
          new FeatureKvException(
              ErrorCode.TRY_AGAIN, "too many reads are waiting on this node", e));
    }
  }

  private static void letGo(PackedKeys keys, BytesHolder holder) {
    holder.hold(-keys.heldBytes());
    keys.release();
  }

  /** Finishes a batch that had to wait: perhaps nobody wants it any more, or has room for it. */
  private void finishLater(
      BatchScratch scratch,
      BatchQuery query,
      Forwarder.@Nullable Gathered gathered,
      BatchReply reply) {
    if (!reply.isWanted()) {
      tallies.ofThisThread().late();
      reply.fail(new FeatureKvException(ErrorCode.UNAVAILABLE, "the connection is closed"));
    } else if (!reply.hasRoom()) {
      tallies.ofThisThread().refused();
      reply.fail(
          new FeatureKvException(
              ErrorCode.TRY_AGAIN, "too many bytes of reads are in flight on this node"));
    } else {
      finish(scratch, query, gathered, reply);
    }
  }

  /** Where the batch is counted; what another node passes on is counted there. */
  private static @Nullable VersionTally trialOf(BatchQuery query) {
    return query.mayForward() ? query.version().tally() : null;
  }

  /** Counts a batch that gets no answer. */
  private static void count(BatchQuery query, int keys, Throwable failure) {
    VersionTally trial = trialOf(query);
    if (trial != null) {
      trial.failed(keys, FeatureKvException.from(failure).code());
    }
  }

  /** Tells of a failure, or, where not even that can be told, ends the connection. */
  private static void fail(BatchReply reply, Throwable failure) {
    try {
      reply.fail(FeatureKvException.from(failure));
    } catch (RuntimeException | Error e) {
      LOG.error("a failed read could not be answered, its connection is closed", e);
      reply.abandon();
    }
  }

  /** Looks up the scratch's routed keys and has the reply written, under leases. */
  private void finish(
      BatchScratch scratch,
      BatchQuery query,
      Forwarder.@Nullable Gathered gathered,
      BatchReply reply) {
    ReadTally tally = tallies.ofThisThread();
    if (System.nanoTime() - query.deadlineNanos() > 0) {
      tally.late();
      FeatureKvException late =
          new FeatureKvException(ErrorCode.DEADLINE, "the deadline passed while the batch waited");
      count(query, scratch.keys.count(), late);
      reply.fail(late);
      return;
    }
    int leased = 0;
    try {
      scratch.result.reset(scratch.keys.count());
      leased = lookUp(scratch, query);
      scratch.answers.begin(query, scratch.keys.count(), gathered);
      answer(scratch, reply);
    } catch (RuntimeException | Error e) {
      // Also what Netty throws where it has no memory for the frame.
      scratch.answers.begin(query, 0, null);
      count(query, scratch.keys.count(), e);
      fail(reply, e);
    } finally {
      tally.batch(scratch.answers, query.arrivalNanos());
      VersionTally trial = trialOf(query);
      if (trial != null) {
        trial.answered(scratch.answers);
      }
      scratch.answers.end();
      release(scratch, query.version(), leased);
      scratch.result.reset(0);
    }
  }

  /** A value that cannot be read, on its page of a disk, fails its key alone. */
  private static void answer(BatchScratch scratch, BatchReply reply) {
    try {
      scratch.answers.shape();
      reply.answer(scratch.answers);
    } catch (InternalError e) {
      // How the JDK tells that a mapped page could not be read.
      scratch.result.failUnreadable();
      scratch.answers.shape();
      reply.answer(scratch.answers);
    }
  }

  /**
   * Leases each chain that has keys of the batch and looks all of them up; returns how many of the
   * batch's shards were gone through.
   */
  private static int lookUp(BatchScratch scratch, BatchQuery query) {
    List<@Nullable ShardChain> chains = query.version().chains();
    KeyBatch keys = scratch.keys;
    int leased = 0;
    try {
      for (; leased < keys.touchedShards(); leased++) {
        ShardChain chain = chains.get(keys.touchedShard(leased));
        if (chain != null && !chain.tryAcquire()) {
          throw new FeatureKvException(
              ErrorCode.VERSION_NOT_SERVED,
              "version "
                  + query.version().number()
                  + " of "
                  + query.table()
                  + " has just been closed here");
        }
      }
      scratch.lookup.lookup(keys, chains, query.readTimeMillis() / 1000, scratch.result);
      return leased;
    } catch (RuntimeException | Error e) {
      release(scratch, query.version(), leased);
      throw e;
    }
  }

  private static void release(BatchScratch scratch, ServedVersion version, int leased) {
    for (int i = 0; i < leased; i++) {
      ShardChain chain = version.chains().get(scratch.keys.touchedShard(i));
      if (chain != null) {
        chain.release();
      }
    }
  }
}
