package io.featurekv.storage;

import io.featurekv.model.Digest;
import io.featurekv.model.FileManifest;
import io.featurekv.model.PieceList;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.BitSet;
import java.util.zip.CRC32C;

/**
 * Turns a finished LMDB environment into a sealed shard file: cut to its pages, its chance bytes
 * zeroed, seal record written, forced, read-only, renamed, directory forced; digests every piece in
 * the same pass over the bytes.
 *
 * <p>What LMDB leaves to chance are pages that it has freed and two unused bytes of every page
 * header.
 */
final class ShardSealer {
  private final Path file;
  private final int pageSize;
  private final long lengthBytes;
  private final byte[] meta;
  private final BitSet freePages;
  private final CRC32C bodyChecksum = new CRC32C();

  /** First page after the overflow run that the pass is in. */
  private long overflowEnd;

  private ShardSealer(Path file, LmdbImage image) {
    this.file = file;
    this.pageSize = image.pageSize();
    this.lengthBytes = image.pageCount() * pageSize;
    this.freePages = freePages(image);
    this.meta =
        image
            .map()
            .asSlice(image.metaOffset(), LmdbImage.META_BYTES)
            .toArray(ValueLayout.JAVA_BYTE);
    ByteBuffer.wrap(meta)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(LmdbImage.META_MAP_SIZE_AT, lengthBytes);
  }

  /** Seals {@code file}, which nobody has open, as {@code target}. */
  static SealedShardFile seal(Path file, Path target, ShardFileInfo info) {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ShardSealer sealer;
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment map = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        sealer = new ShardSealer(file, LmdbImage.of(file, map));
      }
      sealer.setLength(channel);
      PieceList pieces = sealer.finishPages(channel);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
      channel.force(true);
      publish(file, target);
      FileManifest manifest =
          new FileManifest(
              pieces.lengthBytes(), pieces.digest(), info.entries(), info.tombstones());
      return new SealedShardFile(info.spec(), target, manifest, pieces);
    } catch (IOException e) {
      throw FileErrors.onWrite(file, e);
    }
  }

  private static void publish(Path file, Path target) throws IOException {
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
    Path directory = target.toAbsolutePath().getParent();
    if (directory != null) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private void setLength(FileChannel channel) throws IOException {
    if (channel.size() > lengthBytes) {
      channel.truncate(lengthBytes);
    } else if (channel.size() < lengthBytes) {
      channel.write(ByteBuffer.allocate(1), lengthBytes - 1);
    }
  }

  private PieceList finishPages(FileChannel channel) throws IOException {
    int count = PieceList.pieceCount(lengthBytes);
    Digest[] pieces = new Digest[count];
    MessageDigest sha256 = Digest.sha256();
    byte[] firstPiece = new byte[(int) Math.min(PieceList.PIECE_BYTES, lengthBytes)];
    byte[] piece = count > 1 ? new byte[PieceList.PIECE_BYTES] : firstPiece;
    for (int i = 0; i < count; i++) {
      byte[] bytes = i == 0 ? firstPiece : piece;
      long offset = PieceList.offsetOf(i);
      int length = (int) Math.min(PieceList.PIECE_BYTES, lengthBytes - offset);
      PieceReader.read(file, channel, offset, bytes, length);
      clean(channel, offset, bytes, length);
      int bodyStart = i == 0 ? pageSize : 0;
      bodyChecksum.update(bytes, bodyStart, length - bodyStart);
      if (i > 0) {
        sha256.update(bytes, 0, length);
        pieces[i] = Digest.of(sha256.digest());
      }
    }
    // Page 0 holds the checksum of all that follows, so its piece is digested last.
    byte[] pageZero = Arrays.copyOf(firstPiece, pageSize);
    new SealRecord(
            ShardFileFormat.CURRENT_VERSION, pageSize, lengthBytes, (int) bodyChecksum.getValue())
        .writeTo(pageZero);
    write(channel, pageZero, 0, 0);
    System.arraycopy(pageZero, 0, firstPiece, 0, pageSize);
    sha256.update(firstPiece);
    pieces[0] = Digest.of(sha256.digest());
    return new PieceList(lengthBytes, Arrays.asList(pieces));
  }

  /** Brings the pages of one piece into their final form, in memory and in the file. */
  private void clean(FileChannel channel, long offset, byte[] bytes, int length)
      throws IOException {
    for (int at = 0; at < length; at += pageSize) {
      long number = (offset + at) / pageSize;
      if (number < 2) {
        writeMetaPage(bytes, at, number);
        write(channel, bytes, at, offset + at);
      } else if (freePages.get(Math.toIntExact(number))) {
        Arrays.fill(bytes, at, at + pageSize, (byte) 0);
        write(channel, bytes, at, offset + at);
      } else if (number >= overflowEnd && cleanHeader(bytes, at, number)) {
        write(channel, bytes, at, offset + at);
      }
    }
  }

  private void writeMetaPage(byte[] bytes, int at, long number) {
    Arrays.fill(bytes, at, at + pageSize, (byte) 0);
    ByteBuffer page = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    page.putLong(at, number);
    page.putShort(at + 10, (short) LmdbImage.FLAG_META);
    page.put(at + LmdbImage.PAGE_HEADER_BYTES, meta);
  }

  private boolean cleanHeader(byte[] bytes, int at, long number) {
    ByteBuffer page = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (page.getShort(at + 10) == LmdbImage.FLAG_OVERFLOW) {
      overflowEnd = number + Integer.toUnsignedLong(page.getInt(at + 12));
    }
    boolean isDirty = page.getShort(at + 8) != 0;
    page.putShort(at + 8, (short) 0);
    return isDirty;
  }

  private void write(FileChannel channel, byte[] bytes, int from, long offset) throws IOException {
    ByteBuffer page = ByteBuffer.wrap(bytes, from, pageSize);
    long at = offset;
    while (page.hasRemaining()) {
      at += channel.write(page, at);
    }
  }

  /** LMDB's free tree: transaction to u64 count, then as many page numbers. */
  private static BitSet freePages(LmdbImage image) {
    BitSet free = new BitSet();
    LmdbCursor cursor = new LmdbCursor(image.freeTree());
    for (boolean has = cursor.first(); has; has = cursor.next()) {
      long at = image.dataOffset(cursor.node());
      long count = image.map().get(LmdbImage.U64, at);
      for (long i = 1; i <= count; i++) {
        free.set(Math.toIntExact(image.map().get(LmdbImage.U64, at + i * Long.BYTES)));
      }
    }
    return free;
  }
}
