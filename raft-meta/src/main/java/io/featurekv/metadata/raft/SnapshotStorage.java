package io.featurekv.metadata.raft;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.metadata.ClusterMetadata;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;
import org.jspecify.annotations.Nullable;

/**
 * The directory of the snapshots.
 *
 * <p>The MD5 that Ratis wants while it ships a file is computed from the file, not kept beside it:
 * a crash between the two would leave a snapshot that looks absent after its log is purged.
 */
final class SnapshotStorage implements StateMachineStorage {
  private volatile @Nullable Path directory;
  private volatile @Nullable SingleFileSnapshotInfo latest;

  @Override
  public void init(RaftStorage storage) throws IOException {
    Path found = storage.getStorageDir().getStateMachineDir().toPath();
    Files.createDirectories(found);
    directory = found;
    findLatest();
  }

  /**
   * The newest state on disk with where it stands in the log, or null; throws CORRUPT if it is
   * damaged.
   */
  @Nullable ClusterMetadata load() throws IOException {
    SingleFileSnapshotInfo newest = findLatest();
    return newest == null ? null : SnapshotFile.read(newest.getFile().getPath());
  }

  /** Makes a file that was received, and its name, durable. */
  void forceLatest() throws IOException {
    SingleFileSnapshotInfo newest = latest;
    if (newest == null) {
      return;
    }
    Path file = newest.getFile().getPath();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    }
    Path parent = open();
    SnapshotFile.force(parent);
    Path group = parent.getParent();
    if (group != null) {
      SnapshotFile.force(group);
    }
  }

  void save(TermIndex at, ClusterMetadata state) throws IOException {
    latest = describe(SnapshotFile.write(open(), at, state), at);
  }

  @Override
  public @Nullable SingleFileSnapshotInfo getLatestSnapshot() {
    return latest;
  }

  @Override
  public void format() {
    // Ratis empties the directory itself.
  }

  @Override
  public void cleanupOldSnapshots(SnapshotRetentionPolicy policy) throws IOException {
    List<Path> snapshots = snapshots();
    int keep = Math.max(1, policy.getNumSnapshotsRetained());
    for (int i = keep; i < snapshots.size(); i++) {
      Failpoint.SNAPSHOT_BEFORE_PURGE.hitWriting();
      Files.deleteIfExists(snapshots.get(i));
    }
    try (DirectoryStream<Path> leftovers =
        Files.newDirectoryStream(open(), "snapshot.*.{md5,tmp}")) {
      for (Path leftover : leftovers) {
        Files.deleteIfExists(leftover);
      }
    }
  }

  private @Nullable SingleFileSnapshotInfo findLatest() throws IOException {
    List<Path> snapshots = snapshots();
    SingleFileSnapshotInfo newest =
        snapshots.isEmpty()
            ? null
            : describe(
                snapshots.getFirst(), SnapshotFile.termIndexOf(snapshots.getFirst()).orElseThrow());
    latest = newest;
    return newest;
  }

  private static SingleFileSnapshotInfo describe(Path file, TermIndex at) throws IOException {
    MD5Hash md5 = MD5FileUtil.computeMd5ForFile(file.toFile());
    return new SingleFileSnapshotInfo(new FileInfo(file, md5), at);
  }

  /** Newest first. */
  private List<Path> snapshots() throws IOException {
    List<Path> snapshots = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(open(), SnapshotFile.NAME_GLOB)) {
      for (Path file : files) {
        if (SnapshotFile.termIndexOf(file).isPresent()) {
          snapshots.add(file);
        }
      }
    }
    snapshots.sort(
        Comparator.comparing((Path file) -> SnapshotFile.termIndexOf(file).orElseThrow())
            .reversed());
    return snapshots;
  }

  private Path open() throws IOException {
    Path path = directory;
    if (path == null) {
      throw new IOException("the snapshot directory is not known yet");
    }
    return path;
  }
}
