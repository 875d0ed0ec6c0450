package io.featurekv.loader;

import io.featurekv.loader.sort.ExternalSort;
import io.featurekv.loader.sort.RecordCursor;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.storage.BlockDictionary;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardBuildOptions;
import io.featurekv.storage.ShardFileSpec;
import io.featurekv.storage.ShardWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The last stage: walks each shard's sorted records and builds its file, a few shards at once. */
final class ShardBuilding {
  /** Most shards that are built at once. */
  static final int MAX_THREADS = 2;

  private static final int RECORDS_PER_REPORT = 1024;
  private static final long REPORT_MILLIS = 100;
  private static final long MILLIS_PER_SECOND = 1000;
  private static final long LAST_SECOND = 0xFFFF_FFFFL;

  private final BuildSpec spec;
  private final @Nullable WriterFactory writers;
  private final int ttlExpirySeconds;
  private final ExternalSort sort;
  private final BuildProgress progress;
  private final AtomicLong done = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /** What became of one shard; no file in a dry run. */
  record BuiltShard(
      @Nullable SealedShardFile file, long entries, long deleted, long tombstones, long bytes) {}

  /** The TTL of the table counts from this moment on. */
  ShardBuilding(BuildSpec spec, BuildPorts ports, ExternalSort sort, BuildProgress progress) {
    this.spec = spec;
    this.writers = ports.writers();
    this.ttlExpirySeconds = ttlExpirySeconds(spec.entryTtlMillis(), ports.clock().millis());
    this.sort = sort;
    this.progress = progress;
  }

  /** When an entry without an expiry of its own expires, as in {@link ShardWriter#put}. */
  static int ttlExpirySeconds(long ttlMillis, long nowMillis) {
    if (ttlMillis == 0) {
      return ShardWriter.NO_EXPIRY;
    }
    long seconds =
        Math.ceilDiv(ttlMillis, MILLIS_PER_SECOND) + Math.ceilDiv(nowMillis, MILLIS_PER_SECOND);
    // What lies beyond the last second of u32, in 2106, has no other form.
    return seconds > LAST_SECOND ? ShardWriter.NO_EXPIRY : (int) seconds;
  }

  static int threads(BuildSpec spec) {
    return Math.min(MAX_THREADS, spec.shards());
  }

  /**
   * The dictionary for all shards, learnt from values all over the table; null where there is to be
   * none.
   */
  private byte @Nullable [] dictionary() {
    if (spec.kind() != TableKind.BLK || writers == null) {
      return null;
    }
    return BlockDictionary.train(
        sort.sampleValues(spec.blockEntries(), BlockDictionary.SAMPLE_BYTES));
  }

  /** Builds all shards; when one fails the others stop, and no thread is left. */
  List<BuiltShard> build() {
    byte[] dictionary = dictionary();
    List<BuiltShard> built = new ArrayList<>(spec.shards());
    try (ExecutorService builders =
        Executors.newFixedThreadPool(
            threads(spec), Thread.ofPlatform().daemon().name("featurekv-build-", 0).factory())) {
      List<Future<BuiltShard>> shards = new ArrayList<>(spec.shards());
      for (int shard = 0; shard < spec.shards(); shard++) {
        int number = shard;
        shards.add(builders.submit(() -> buildGuarded(number, dictionary)));
      }
      for (Future<BuiltShard> shard : shards) {
        built.add(await(shard));
      }
    }
    progress.update("build", done.get(), done.get());
    return built;
  }

  private BuiltShard await(Future<BuiltShard> shard) {
    while (true) {
      try {
        return shard.get(REPORT_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        progress.update("build", done.get(), sort.added());
        if (progress.isCancelled()) {
          throw stop(new FeatureKvException(ErrorCode.TRY_AGAIN, "the build was cancelled"));
        }
      } catch (InterruptedException e) {
        FeatureKvException stopped =
            stop(new FeatureKvException(ErrorCode.TRY_AGAIN, "the build was interrupted", e));
        Thread.currentThread().interrupt();
        throw stopped;
      } catch (ExecutionException e) {
        Throwable first = failure.get();
        throw unchecked(first == null ? e.getCause() : first);
      }
    }
  }

  private FeatureKvException stop(FeatureKvException reason) {
    failure.compareAndSet(null, reason);
    return reason;
  }

  private static RuntimeException unchecked(@Nullable Throwable cause) {
    if (cause instanceof RuntimeException runtime) {
      return runtime;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return new IllegalStateException(cause);
  }

  private BuiltShard buildGuarded(int shard, byte @Nullable [] dictionary) {
    try {
      stopIfFailed();
      return buildShard(shard, dictionary);
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
      throw e;
    }
  }

  private void stopIfFailed() {
    if (failure.get() != null) {
      throw new FeatureKvException(ErrorCode.TRY_AGAIN, "the build of another shard failed");
    }
  }

  private BuiltShard buildShard(int shard, byte @Nullable [] dictionary) {
    if (writers == null) {
      return walk(shard, null);
    }
    ShardFileSpec file =
        new ShardFileSpec(
            new ShardFileId(spec.table(), spec.version(), shard),
            spec.shards(),
            spec.kind(),
            spec.mode());
    try (ShardWriter writer =
        writers.create(
            spec.directory().resolve(shard + ".mdb"), file, options(shard, dictionary))) {
      BuiltShard walked = walk(shard, writer);
      return new BuiltShard(
          writer.seal(), walked.entries(), walked.deleted(), walked.tombstones(), walked.bytes());
    }
  }

  // The class file of a record with a compact constructor does not say that the array may be null.
  @SuppressWarnings("NullAway")
  private ShardBuildOptions options(int shard, byte @Nullable [] dictionary) {
    return new ShardBuildOptions(sort.records(shard), spec.blockEntries(), dictionary);
  }

  private BuiltShard walk(int shard, @Nullable ShardWriter writer) {
    boolean incremental = spec.mode() == UpdateMode.INCREMENTAL;
    long entries = 0;
    long deleted = 0;
    long bytes = 0;
    long walked = 0;
    RecordCursor records = sort.cursor(shard);
    while (records.next()) {
      if (records.isDelete()) {
        deleted++;
        if (incremental && writer != null) {
          writer.delete(records.keyArray(), records.keyOffset(), records.keyLength());
        }
      } else {
        entries++;
        bytes += records.keyLength() + records.valueLength();
        if (writer != null) {
          byte[] value = records.valueArray();
          int ownExpiry = records.expirySeconds();
          writer.put(
              records.keyArray(),
              records.keyOffset(),
              records.keyLength(),
              value,
              records.valueOffset(),
              records.valueLength(),
              ownExpiry == ShardWriter.NO_EXPIRY ? ttlExpirySeconds : ownExpiry);
        }
      }
      if (++walked % RECORDS_PER_REPORT == 0) {
        done.addAndGet(RECORDS_PER_REPORT);
        stopIfFailed();
      }
    }
    done.addAndGet(walked % RECORDS_PER_REPORT);
    return new BuiltShard(null, entries, deleted, incremental ? deleted : 0, bytes);
  }
}
