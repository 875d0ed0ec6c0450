package io.featurekv.metadata.raft;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.util.SizeInBytes;
import org.jspecify.annotations.Nullable;

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

  private final Path directory;
  private final UUID group;

  RaftDirectory(Path directory, UUID group) {
    this.directory = directory;
    this.group = group;
  }

  /**
   * Throws FeatureKvException: WRONG_CLUSTER when the directory belongs to another cluster, CORRUPT
   * when a file that a full disk is known to empty is empty, or the term and vote are cut, damaged
   * so that it shows, or missing beside a log; INTERNAL when it cannot be read.
   */
  void check() {
    try {
      Files.createDirectories(directory);
      checkCluster();
      checkTermAndVote(current().resolve("raft-meta"));
      checkNotEmpty(current().resolve("raft-meta.conf"));
    } catch (IOException e) {
      throw new FeatureKvException(
          ErrorCode.INTERNAL, "cannot read the Raft directory " + directory + ": " + e, e);
    }
  }

  /**
   * Whether this is a directory in which the first configuration has been written to the log, so
   * that it must not be given again: a stale one would let this node elect itself.
   */
  boolean hasSnapshot() {
    return containsAny(group().resolve("sm"), SnapshotFile.NAME_GLOB);
  }

  /**
   * Which segment of the log is damaged, and how; empty where each can be read, and where the
   * system does not let it be read. For a log that Ratis could not open: it tells damage from other
   * failures in some cases only, and a log of which it only cut the end off may look short here.
   *
   * @param maxEntryBytes as the log was written with
   */
  Optional<String> damagedSegment(SizeInBytes maxEntryBytes) {
    if (!Files.isDirectory(current())) {
      return Optional.empty();
    }
    List<LogSegmentPath> segments = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(current(), "log_*")) {
      for (Path file : files) {
        LogSegmentPath segment = LogSegmentPath.matchLogSegment(file);
        if (segment != null) {
          segments.add(segment);
        }
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    segments.sort(Comparator.comparing(LogSegmentPath::getStartEnd));
    long[] last = {NONE};
    for (LogSegmentPath segment : segments) {
      try {
        LogSegment.readSegmentFile(
            segment.getPath().toFile(),
            segment.getStartEnd(),
            maxEntryBytes,
            CorruptionPolicy.EXCEPTION,
            null,
            entry -> {
              if (last[0] != NONE && entry.getIndex() != last[0] + 1) {
                throw new IllegalStateException(
                    "index " + entry.getIndex() + " comes right after index " + last[0]);
              }
              last[0] = entry.getIndex();
            });
      } catch (FileSystemException e) {
        return Optional.empty();
      } catch (IOException | IllegalStateException e) {
        return Optional.of(segment.getPath() + ": " + e.getMessage());
      }
    }
    return Optional.empty();
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
