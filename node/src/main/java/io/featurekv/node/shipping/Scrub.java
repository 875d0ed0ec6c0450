package io.featurekv.node.shipping;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import io.featurekv.node.background.BackgroundThreads;
import io.featurekv.node.wire.FileKey;
import io.featurekv.storage.ShardFiles;
import java.util.Collection;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads served files again in the background and compares them with their digests, one file at a
 * time with a pause after each, so that a bit that flips at rest is found within a period instead
 * of being served for ever.
 */
public final class Scrub implements AutoCloseable {
  /** From the end of one pass over all files to the beginning of the next. */
  static final long PERIOD_MILLIS = Long.getLong("featurekv.scrub.period.millis", 3_600_000);

  private static final Logger LOG = LoggerFactory.getLogger(Scrub.class);

  private final Supplier<Collection<StoredFile>> served;
  private final BiConsumer<FileKey, FeatureKvException> onDamaged;
  private final IntConsumer pace;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(BackgroundThreads.named("scrub-"));

  /**
   * Scrubs what {@code served} gives at the pace of {@code pace}, which is told of bytes that were
   * read; tells {@code onDamaged} of files that fail.
   */
  public Scrub(
      Supplier<Collection<StoredFile>> served,
      BiConsumer<FileKey, FeatureKvException> onDamaged,
      IntConsumer pace) {
    this.served = served;
    this.onDamaged = onDamaged;
    this.pace = pace;
  }

  /** Begins; the first pass comes after one period. */
  public void start() {
    thread.scheduleWithFixedDelay(this::pass, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void pass() {
    for (StoredFile file : served.get()) {
      if (thread.isShutdown()) {
        return;
      }
      try {
        ShardFiles.verify(
            file.path(),
            new FileManifest(file.pieces().lengthBytes(), file.digest(), 0, 0),
            file.pieces(),
            pace);
      } catch (FeatureKvException e) {
        if (e.code() == ErrorCode.CORRUPT) {
          onDamaged.accept(file.key(), e);
        } else {
          LOG.warn("{} could not be scrubbed: {}", file.key(), e.getMessage());
        }
      }
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
