package io.featurekv.node.control;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.MetadataCodec;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.DurableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the last known metadata in {@code metadata.snapshot}, so that a node starts and serves with
 * no voter in reach.
 *
 * <p>The file is {@code u32 CRC32C of the rest | encoded snapshot}. A file that fails its checksum
 * is ignored with a warning: the metadata comes again from the group.
 */
public final class SnapshotKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotKeeper.class);

  private final Path file;
  private final MetadataFeed feed;
  private final Executor executor;
  private final AtomicBoolean pending = new AtomicBoolean();
  private long writtenIndex;

  private SnapshotKeeper(Path file, MetadataFeed feed, Executor executor) {
    this.file = file;
    this.feed = feed;
    this.executor = executor;
    this.writtenIndex = feed.current().index();
  }

  /**
   * From now on writes what {@code feed} learns, on {@code executor}, one at a time, the newest
   * state only.
   */
  public static void keep(Path file, MetadataFeed feed, Executor executor) {
    feed.listen(new SnapshotKeeper(file, feed, executor)::schedule);
  }

  /** The stored state, or the empty one. */
  public static ClusterMetadata load(Path file) {
    if (!Files.exists(file)) {
      return ClusterMetadata.empty();
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
      if (bytes.remaining() > Integer.BYTES) {
        int expected = bytes.getInt();
        byte[] snapshot = new byte[bytes.remaining()];
        bytes.get(snapshot);
        if (checksum(snapshot) == expected) {
          return MetadataCodec.decodeSnapshot(snapshot);
        }
      }
      LOG.warn(
          "{} fails its checksum and is ignored; the metadata comes again from the cluster", file);
    } catch (IOException | FeatureKvException e) {
      LOG.warn("{} cannot be read and is ignored: {}", file, e.toString());
    }
    return ClusterMetadata.empty();
  }

  private void schedule() {
    if (pending.compareAndSet(false, true)) {
      executor.execute(this::write);
    }
  }

  private synchronized void write() {
    pending.set(false);
    ClusterMetadata now = feed.current();
    if (now.index() <= writtenIndex) {
      return;
    }
    byte[] snapshot = MetadataCodec.encodeSnapshot(now);
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + snapshot.length);
    bytes.putInt(checksum(snapshot)).put(snapshot).flip();
    try {
      Failpoint.SNAPSHOT_BEFORE_KEEP.hitWriting();
      DurableFile.write(file, bytes);
      writtenIndex = now.index();
    } catch (IOException e) {
      LOG.warn("{} cannot be written: {}", file, e.toString());
    }
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
