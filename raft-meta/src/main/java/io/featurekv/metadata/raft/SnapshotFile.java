package io.featurekv.metadata.raft;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.MetadataCodec;
import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * A state on disk, named {@code snapshot.<term>_<index>}.
 *
 * <pre>
 * 'F' 'K' 'V' 'M' | u32 format | u64 length of the state | state (Protobuf) | SHA-256 of all before
 * </pre>
 *
 * Little-endian. Written under another name, forced and renamed, so that a file of this name is
 * whole unless the disk lost something.
 */
final class SnapshotFile {
  static final String NAME_GLOB = "snapshot.*_*";

  private static final Pattern NAME = Pattern.compile("snapshot\\.(\\d+)_(\\d+)");
  private static final byte[] MAGIC = {'F', 'K', 'V', 'M'};
  private static final int FORMAT = 1;
  private static final int HEADER_BYTES = 16;

  private SnapshotFile() {}

  static String name(TermIndex at) {
    return String.format(Locale.ROOT, "snapshot.%d_%d", at.getTerm(), at.getIndex());
  }

  /** Term and index in the name of a snapshot, or empty for any other file. */
  static Optional<TermIndex> termIndexOf(Path file) {
    Matcher matcher = NAME.matcher(file.getFileName().toString());
    return matcher.matches()
        ? Optional.of(
            TermIndex.valueOf(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))))
        : Optional.empty();
  }

  /** Writes a state durably; returns the file. */
  static Path write(Path directory, TermIndex at, ClusterMetadata state) throws IOException {
    byte[] payload = MetadataCodec.encodeSnapshot(state);
    ByteBuffer bytes =
        ByteBuffer.allocate(HEADER_BYTES + payload.length + Digest.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(MAGIC).putInt(FORMAT).putLong(payload.length).put(payload);
    bytes.put(digest(bytes.array(), bytes.position())).flip();
    Path file = directory.resolve(name(at));
    Path unfinished = directory.resolve(name(at) + ".tmp");
    try {
      Failpoint.SNAPSHOT_BEFORE_WRITE.hitWriting();
      writeForced(unfinished, bytes);
      Failpoint.SNAPSHOT_BEFORE_RENAME.hitWriting();
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
      Failpoint.SNAPSHOT_AFTER_RENAME.hitWriting();
    } catch (IOException e) {
      // The disk may be full: half a file must not make that worse.
      Files.deleteIfExists(unfinished);
      throw e;
    }
    force(directory);
    return file;
  }

  private static void writeForced(Path file, ByteBuffer bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  /**
   * Reads a state.
   *
   * @throws FeatureKvException with CORRUPT when the file is not what was written
   */
  static ClusterMetadata read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    if (bytes.length < HEADER_BYTES + Digest.BYTES
        || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw corrupt(file, "it has " + bytes.length + " bytes and does not begin like a snapshot");
    }
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int format = header.getInt(MAGIC.length);
    if (format != FORMAT) {
      throw corrupt(file, "its format is " + format + ", this release reads " + FORMAT);
    }
    long length = header.getLong(MAGIC.length + Integer.BYTES);
    int end = bytes.length - Digest.BYTES;
    if (length != end - HEADER_BYTES) {
      throw corrupt(
          file, "it should hold " + length + " bytes of state and holds " + (end - HEADER_BYTES));
    }
    if (!Arrays.equals(digest(bytes, end), Arrays.copyOfRange(bytes, end, bytes.length))) {
      throw corrupt(file, "its bytes do not match its SHA-256");
    }
    return MetadataCodec.decodeSnapshot(Arrays.copyOfRange(bytes, HEADER_BYTES, end));
  }

  /** Makes the entries of a directory durable. */
  static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static byte[] digest(byte[] bytes, int length) {
    MessageDigest sha256 = Digest.sha256();
    sha256.update(bytes, 0, length);
    return sha256.digest();
  }

  private static FeatureKvException corrupt(Path file, String what) {
    return new FeatureKvException(
        ErrorCode.CORRUPT,
        "metadata snapshot "
            + file
            + " cannot be used: "
            + what
            + "; "
            + RaftDirectory.adviceOnCorruption());
  }
}
