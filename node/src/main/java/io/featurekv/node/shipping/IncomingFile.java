package io.featurekv.node.shipping;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.PieceList;
import io.featurekv.node.DurableFile;
import io.featurekv.node.wire.FileKey;
import io.featurekv.storage.UncachedFile;
import io.featurekv.storage.VirtualMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.BitSet;
import java.util.Collections;
import java.util.Set;

/**
 * A shard file on its way to this node, at {@code <shard>.part}. Every piece is proved by its
 * SHA-256 when it is stored, so the file is whole and true once none is missing. A part that a
 * crash left behind is gone on with: its pieces are proved again.
 *
 * <p>A part may also be a second name of a file that a builder has on this disk. Such a part is
 * read and never written to.
 *
 * <p>Thread-safe; pieces may come from several sources at once.
 */
public final class IncomingFile implements AutoCloseable {
  private static final Set<PosixFilePermission> WRITING =
      Set.of(
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_WRITE);

  private final FileKey key;
  private final Path target;
  private final Path part;
  private final PieceList pieces;
  private final int[] crcs;
  private final BitSet stored = new BitSet();
  private final FileChannel channel;
  private final UncachedFile direct;
  private final boolean isLink;
  private final PieceBuffers buffers;

  private IncomingFile(
      FileKey key,
      Path target,
      Path part,
      PieceList pieces,
      FileChannel channel,
      UncachedFile direct,
      boolean isLink,
      PieceBuffers buffers) {
    this.key = key;
    this.target = target;
    this.part = part;
    this.pieces = pieces;
    this.crcs = new int[pieces.pieces().size()];
    this.channel = channel;
    this.direct = direct;
    this.isLink = isLink;
    this.buffers = buffers;
  }

  static IncomingFile open(FileKey key, Path target, PieceList pieces, PieceBuffers buffers)
      throws IOException {
    Path part = partOf(target);
    boolean resumes = Files.exists(part);
    if (resumes && names(part) > 1) {
      // A link that was not published: a builder has the file, too.
      Files.delete(part);
      resumes = false;
    }
    if (resumes && !Files.isWritable(part)) {
      // A crash came between making it read-only and renaming it.
      Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-r--r--"));
    }
    FileChannel channel =
        FileChannel.open(
            part, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      UncachedFile direct = UncachedFile.openForWriting(part);
      try {
        IncomingFile incoming =
            new IncomingFile(key, target, part, pieces, channel, direct, false, buffers);
        if (resumes) {
          incoming.proveWhatIsThere();
        }
        return incoming;
      } catch (IOException | RuntimeException e) {
        direct.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Gives a builder's file a second name here, none of whose pieces is proved. It may have no other
   * name than the builder's: two nodes that shared their bytes would lose them together.
   *
   * @throws FeatureKvException CONFLICT where it cannot be had so
   */
  static IncomingFile link(
      FileKey key, Path target, PieceList pieces, Path built, PieceBuffers buffers)
      throws IOException {
    Path part = partOf(target);
    Files.deleteIfExists(part);
    if (!key.fileName().equals(String.valueOf(built.getFileName()))) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT, key + " is not linked: no builder names it " + built.getFileName());
    }
    try {
      Files.createLink(part, built);
    } catch (IOException | UnsupportedOperationException e) {
      throw new FeatureKvException(ErrorCode.CONFLICT, key + " cannot be linked: " + e, e);
    }
    try {
      checkLink(key, part, pieces);
      FileChannel channel = FileChannel.open(part, StandardOpenOption.READ);
      try {
        UncachedFile direct = UncachedFile.open(part);
        return new IncomingFile(key, target, part, pieces, channel, direct, true, buffers);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(part);
      throw e;
    }
  }

  /**
   * Whoever can reach this node could ask for any file of its user: it is taken only if it looks
   * like a sealed shard file, and no answer tells more of it.
   */
  private static void checkLink(FileKey key, Path part, PieceList pieces) throws IOException {
    PosixFileAttributes file =
        Files.readAttributes(part, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    boolean isSealed =
        file.isRegularFile()
            && file.size() == pieces.lengthBytes()
            && Collections.disjoint(file.permissions(), WRITING)
            && owner(part).equals(owner(part.resolveSibling(".")));
    if (!isSealed || names(part) != 2) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT,
          "%s is not linked: expected a sealed file of %d bytes that belongs to this node's user and has no name but its builder's"
              .formatted(key, pieces.lengthBytes()));
    }
  }

  private static Object owner(Path file) throws IOException {
    return Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  private static int names(Path file) throws IOException {
    return (int) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
  }

  static Path partOf(Path target) {
    String name = String.valueOf(target.getFileName());
    return target.resolveSibling(
        name.substring(0, name.length() - FileKey.FILE_SUFFIX.length()) + ".part");
  }

  private void proveWhatIsThere() throws IOException {
    long length = channel.size();
    if (length > pieces.lengthBytes()) {
      channel.truncate(pieces.lengthBytes());
    }
    ByteBuffer buffer = ByteBuffer.allocateDirect(PieceList.PIECE_BYTES);
    for (int piece = 0; piece < pieces.pieces().size(); piece++) {
      long end = PieceList.offsetOf(piece) + pieces.lengthOf(piece);
      if (end > length) {
        break;
      }
      buffer.clear().limit(pieces.lengthOf(piece));
      readFully(buffer, PieceList.offsetOf(piece));
      buffer.flip();
      if (digestOf(buffer).equals(pieces.pieces().get(piece))) {
        crcs[piece] = PiecesFile.checksum(buffer);
        stored.set(piece);
      }
    }
  }

  private void readFully(ByteBuffer buffer, long offset) throws IOException {
    long at = offset;
    while (buffer.hasRemaining()) {
      int n = channel.read(buffer, at);
      if (n < 0) {
        throw new IOException(part + " ends at " + at);
      }
      at += n;
    }
  }

  /** What is expected. */
  public PieceList pieces() {
    return pieces;
  }

  /** Numbers of the pieces that are not there yet. */
  public synchronized int[] missing() {
    BitSet missing = new BitSet();
    missing.set(0, pieces.pieces().size());
    missing.andNot(stored);
    return missing.stream().toArray();
  }

  /** Whether its bytes are a builder's file, of which nothing is to be sent. */
  boolean isLink() {
    return isLink;
  }

  /**
   * Proves one piece of a file that was linked.
   *
   * @throws FeatureKvException CORRUPT when its digest is not the expected one
   */
  public void prove(int piece) throws IOException {
    if (!isLink || piece < 0 || piece >= crcs.length) {
      throw new FeatureKvException(
          ErrorCode.PROTOCOL, "piece " + piece + " of " + key + " is not there to be proved");
    }
    Failpoint.SHIP_BEFORE_PIECE.hitWriting();
    VirtualMemory buffer = buffers.take();
    try {
      int length = pieces.lengthOf(piece);
      long offset = PieceList.offsetOf(piece);
      // Behind the end of the file there is nothing to read, so that whole blocks can be asked for.
      int blocks = (length + UncachedFile.ALIGNMENT - 1) & -UncachedFile.ALIGNMENT;
      int read = direct.read(buffer.address(), blocks, offset);
      if (read != length) {
        throw new IOException(part + " ends at " + (offset + read));
      }
      ByteBuffer bytes = buffer.segment().asByteBuffer().limit(length);
      if (!digestOf(bytes).equals(pieces.pieces().get(piece))) {
        throw new FeatureKvException(
            ErrorCode.CORRUPT,
            "piece " + piece + " of " + key + " is not the one that was offered");
      }
      int crc32c = PiecesFile.checksum(bytes);
      Failpoint.SHIP_AFTER_PIECE.hitWriting();
      keep(piece, crc32c);
    } finally {
      buffers.giveBack(buffer);
    }
  }

  /**
   * Stores one piece.
   *
   * @throws FeatureKvException CORRUPT when its checksum or digest is not the expected one, naming
   *     both; nothing is stored then
   */
  public void store(int piece, int crc32c, ByteBuffer bytes) throws IOException {
    if (isLink) {
      throw new FeatureKvException(ErrorCode.CONFLICT, key + " was linked, nothing is stored");
    }
    if (piece < 0 || piece >= crcs.length || bytes.remaining() != pieces.lengthOf(piece)) {
      throw new FeatureKvException(
          ErrorCode.PROTOCOL,
          "piece "
              + piece
              + " of "
              + key
              + " with "
              + bytes.remaining()
              + " bytes does not belong to it");
    }
    int actualCrc = PiecesFile.checksum(bytes);
    if (actualCrc != crc32c) {
      throw new FeatureKvException(
          ErrorCode.CORRUPT,
          "piece %d of %s was damaged on its way: CRC32C expected %08x, actual %08x"
              .formatted(piece, key, crc32c, actualCrc));
    }
    Digest actual = digestOf(bytes);
    Digest expected = pieces.pieces().get(piece);
    if (!actual.equals(expected)) {
      throw new FeatureKvException(
          ErrorCode.CORRUPT,
          "piece "
              + piece
              + " of "
              + key
              + " is not the one expected: SHA-256 expected "
              + expected
              + ", actual "
              + actual);
    }
    Failpoint.SHIP_BEFORE_PIECE.hitWriting();
    write(bytes.duplicate(), PieceList.offsetOf(piece));
    Failpoint.SHIP_AFTER_PIECE.hitWriting();
    keep(piece, crc32c);
  }

  private synchronized void keep(int piece, int crc32c) {
    crcs[piece] = crc32c;
    stored.set(piece);
  }

  /**
   * Around the page cache, which is for what is read often: pages that were just found for a piece
   * cost more than all that is done with it.
   */
  private void write(ByteBuffer bytes, long offset) throws IOException {
    int length = bytes.remaining();
    if (length % UncachedFile.ALIGNMENT != 0) {
      long at = offset;
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
      return;
    }
    VirtualMemory buffer = buffers.take();
    try {
      buffer.segment().asByteBuffer().put(bytes);
      direct.write(buffer.address(), length, offset);
    } finally {
      buffers.giveBack(buffer);
    }
  }

  /** Publishes the whole file: forced, read-only, renamed, directory forced. */
  StoredFile publish() throws IOException {
    int missing = missing().length;
    if (missing > 0) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT, missing + " pieces of " + key + " have not arrived");
    }
    Failpoint.SHIP_BEFORE_FORCE.hitWriting();
    channel.force(true);
    close();
    Failpoint.SHIP_BEFORE_LIST.hitWriting();
    PiecesFile.write(FileStore.piecesOf(target), pieces, crcs);
    Failpoint.SHIP_BEFORE_RENAME.hitWriting();
    Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("r--r--r--"));
    DurableFile.rename(part, target);
    Failpoint.SHIP_AFTER_RENAME.hitWriting();
    return new StoredFile(key, target, pieces, crcs);
  }

  private static Digest digestOf(ByteBuffer bytes) {
    MessageDigest sha256 = Digest.sha256();
    sha256.update(bytes.duplicate());
    return Digest.of(sha256.digest());
  }

  /** Stops; what has arrived stays for the next attempt. Idempotent. */
  @Override
  public void close() throws IOException {
    try (channel) {
      direct.close();
    }
  }
}
