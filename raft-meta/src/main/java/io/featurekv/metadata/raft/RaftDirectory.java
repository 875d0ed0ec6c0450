package io.featurekv.metadata.raft;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.util.SizeInBytes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Raft directory as Ratis lays it out: {@code <group UUID>/current} with {@code raft-meta}
 * (term and vote), {@code raft-meta.conf} and the log, and {@code <group UUID>/sm} with the
 * snapshots. Looked over before Ratis opens it, because it does not say what is wrong.
 */
final class RaftDirectory {
  /** All of {@code raft-meta} as Ratis writes it: a cut file ends elsewhere. */
  private static final Pattern TERM_AND_VOTE =
      Pattern.compile(
          "(#[^\\n]*\\n)*(term=\\d+\\nvotedFor=[^\\n]*\\n|votedFor=[^\\n]*\\nterm=\\d+\\n)");

  private static final long NONE = -1;
  private static final Logger LOG = LoggerFactory.getLogger(RaftDirectory.class);

  private final Path directory;
  private final UUID group;

  RaftDirectory(Path directory, UUID group) {
    this.directory = directory;
    this.group = group;
  }

  /**
   * Throws FeatureKvException: CONFLICT when another process has it, WRONG_CLUSTER when the
   * directory belongs to another cluster, CORRUPT when a file that a full disk is known to empty is
   * empty, or the term and vote are cut, damaged so that it shows, or missing beside a log;
   * INTERNAL when it cannot be read.
   */
  void check() {
    try {
      Files.createDirectories(directory);
      checkCluster();
      checkNotInUse(group().resolve("in_use.lock"));
      checkTermAndVote(current().resolve("raft-meta"));
      checkNotEmpty(current().resolve("raft-meta.conf"));
    } catch (IOException e) {
      throw new FeatureKvException(
          ErrorCode.INTERNAL, "cannot read the Raft directory " + directory + ": " + e, e);
    }
  }

  /**
   * Ratis takes this lock itself, but after this directory was looked over: a log that is being
   * written could be taken for a damaged one, or for one to be removed.
   */
  private void checkNotInUse(Path lockFile) throws IOException {
    if (!Files.exists(lockFile)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock != null) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      LOG.debug("{} is locked by this process", lockFile, e);
    }
    throw new FeatureKvException(
        ErrorCode.CONFLICT,
        "the Raft directory " + directory + " is in use by another featurekv process");
  }

  /**
   * Whether this is a directory in which the first configuration has been written to the log, so
   * that it must not be given again: a stale one would let this node elect itself.
   */
  boolean hasSnapshot() {
    return containsAny(group().resolve("sm"), SnapshotFile.NAME_GLOB);
  }

  /**
   * Removes a log that ends before the newest snapshot. A voter that ends right after a snapshot of
   * its leader was published, and before it dropped the log that the snapshot stands in for, leaves
   * such a one. Ratis keeps the open segment of it, and from then on refuses every entry that it is
   * sent, because of the gap behind that.
   *
   * @param maxEntryBytes as the log was written with
   */
  void removeLogBehindSnapshot(SizeInBytes maxEntryBytes) {
    try {
      Optional<Path> snapshot = newestSnapshot();
      List<LogSegmentPath> segments = segments();
      if (snapshot.isEmpty() || segments.isEmpty()) {
        return;
      }
      long last = lastIndex(segments, maxEntryBytes);
      if (last >= SnapshotFile.termIndexOf(snapshot.get()).orElseThrow().getIndex()) {
        return;
      }
      // Only what is whole can stand in for it.
      SnapshotFile.read(snapshot.get());
      LOG.warn(
          "the log in {} ends at index {}, before {}, which stands in for it: it is removed",
          current(),
          last,
          snapshot.get());
      for (LogSegmentPath segment : segments.reversed()) {
        Files.delete(segment.getPath());
      }
      SnapshotFile.force(current());
    } catch (IOException | IllegalStateException | FeatureKvException e) {
      LOG.warn("{} is left as it is, for the start to say what is wrong", directory, e);
    }
  }

  private Optional<Path> newestSnapshot() throws IOException {
    Path snapshots = group().resolve("sm");
    if (!Files.isDirectory(snapshots)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(snapshots)) {
      return files
          .filter(file -> SnapshotFile.termIndexOf(file).isPresent())
          .max(Comparator.comparing(file -> SnapshotFile.termIndexOf(file).orElseThrow()));
    }
  }

  /** Of the last entry; -1 where there is none. */
  private static long lastIndex(List<LogSegmentPath> segments, SizeInBytes maxEntryBytes)
      throws IOException {
    long[] last = {NONE};
    for (LogSegmentPath segment : segments.reversed()) {
      if (last[0] == NONE) {
        read(segment, maxEntryBytes, entry -> last[0] = entry.getIndex());
      }
    }
    return last[0];
  }

  private List<LogSegmentPath> segments() throws IOException {
    List<LogSegmentPath> segments = new ArrayList<>();
    if (Files.isDirectory(current())) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(current(), "log_*")) {
        for (Path file : files) {
          LogSegmentPath segment = LogSegmentPath.matchLogSegment(file);
          if (segment != null) {
            segments.add(segment);
          }
        }
      }
    }
    segments.sort(Comparator.comparing(LogSegmentPath::getStartEnd));
    return segments;
  }

  private static void read(
      LogSegmentPath segment, SizeInBytes maxEntryBytes, Consumer<LogEntryProto> entries)
      throws IOException {
    LogSegment.readSegmentFile(
        segment.getPath().toFile(),
        segment.getStartEnd(),
        maxEntryBytes,
        CorruptionPolicy.EXCEPTION,
        null,
        entries);
  }

  /**
   * Which segment of the log is damaged, and how; empty where each can be read, and where the
   * system does not let it be read. To be asked where Ratis could not open the log, as it does not
   * always say that damage is what it met.
   *
   * @param maxEntryBytes as the log was written with
   */
  Optional<String> damagedSegment(SizeInBytes maxEntryBytes) {
    long[] last = {NONE};
    String present = directory.toString();
    try {
      for (LogSegmentPath segment : segments()) {
        present = segment.getPath().toString();
        read(
            segment,
            maxEntryBytes,
            entry -> {
              if (last[0] != NONE && entry.getIndex() != last[0] + 1) {
                throw new IllegalStateException(
                    "index " + entry.getIndex() + " comes right after index " + last[0]);
              }
              last[0] = entry.getIndex();
            });
      }
      return Optional.empty();
    } catch (FileSystemException e) {
      return Optional.empty();
    } catch (IOException | IllegalStateException e) {
      return Optional.of(present + ": " + e.getMessage());
    }
  }

  static String adviceOnCorruption() {
    return "the other voters have what it held: let this node rejoin with an empty Raft directory"
        + " under a new incarnation";
  }

  private Path group() {
    return directory.resolve(group.toString());
  }

  private Path current() {
    return group().resolve("current");
  }

  private void checkCluster() throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
      for (Path child : children) {
        UUID other = groupOf(child);
        if (other != null && !other.equals(group)) {
          throw new FeatureKvException(
              ErrorCode.WRONG_CLUSTER,
              "the Raft directory "
                  + directory
                  + " belongs to the cluster "
                  + other
                  + ", not to "
                  + group);
        }
      }
    }
  }

  private static @Nullable UUID groupOf(Path child) {
    try {
      return Files.isDirectory(child) ? UUID.fromString(child.getFileName().toString()) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Ratis says neither that it is damaged, nor anything at all where it is missing. */
  private void checkTermAndVote(Path file) throws IOException {
    if (!Files.exists(file)) {
      if (containsAny(current(), "log_*")) {
        throw forgotten(file, "is missing, though there is a log beside it");
      }
      return;
    }
    checkNotEmpty(file);
    String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    if (!TERM_AND_VOTE.matcher(content).matches()) {
      throw forgotten(file, "does not hold a term and a vote");
    }
  }

  private static void checkNotEmpty(Path file) throws IOException {
    if (Files.exists(file) && Files.size(file) == 0) {
      throw forgotten(file, "is empty, as a full disk leaves it");
    }
  }

  private static FeatureKvException forgotten(Path file, String how) {
    return new FeatureKvException(
        ErrorCode.CORRUPT,
        file + " " + how + ": this voter has forgotten its term and vote; " + adviceOnCorruption());
  }

  private static boolean containsAny(Path directory, String glob) {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, glob)) {
      return found.iterator().hasNext();
    } catch (IOException e) {
      throw new FeatureKvException(ErrorCode.INTERNAL, "cannot read " + directory + ": " + e, e);
    }
  }
}
