package io.featurekv.storage;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.model.Digest;
import io.featurekv.model.PieceList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Writes a new file page by page, front to back, and digests it on the way, so that no byte is read
 * again. Pages 0 and 1 are given last. One thread.
 *
 * <p>Invariants: bytes of the file before {@code pieceStart} are digested and handed over to be
 * written, but for piece 0, which is kept until the end; {@code fill} bytes at {@code piece} follow
 * them.
 */
final class PageFileWriter implements AutoCloseable {
  static final int PAGE_BYTES = ShardFileFormat.PAGE_BYTES;
  private static final int META_PAGES = 2;

  /** One for whoever is at work, and one for the leaf of each tree of a file. */
  private static final int WORK_PAGES = 16;

  private final Path file;
  private final UncachedFile channel;
  private final VirtualMemory firstPiece = VirtualMemory.allocate(PieceList.PIECE_BYTES);
  private final VirtualMemory work = VirtualMemory.allocate((long) WORK_PAGES * PAGE_BYTES);
  private final WriteBehind behind;
  private final List<Digest> pieces = new ArrayList<>();
  private final PieceChecksums checksums = new PieceChecksums();

  /** CRC32C of every piece whole, where {@code checksums} leaves page 0 out. */
  private final List<Integer> pieceCrcs = new ArrayList<>();

  private final MessageDigest sha256 = Digest.sha256();
  private int workPages = 1;
  private long piece = firstPiece.address();
  private int fill = META_PAGES * PAGE_BYTES;
  private long pieceStart;

  private PageFileWriter(Path file, UncachedFile channel) {
    this.file = file;
    this.channel = channel;
    this.behind = new WriteBehind(channel);
  }

  /** Creates the file, which must not exist. */
  static PageFileWriter create(Path file) {
    try {
      UncachedFile channel = UncachedFile.create(file);
      try {
        return new PageFileWriter(file, channel);
      } catch (RuntimeException | Error e) {
        channel.close();
        Files.delete(file);
        throw e;
      }
    } catch (IOException e) {
      throw FileErrors.onWrite(file, e);
    }
  }

  /** A page of memory for use at once: whatever is called next may use it as well. */
  long work() {
    return work.address();
  }

  /** A page of zeros, for the caller alone as long as this file is written. */
  long workPage() {
    if (workPages == WORK_PAGES) {
      throw new IllegalStateException("more than " + WORK_PAGES + " trees in " + file);
    }
    return work.address() + (long) PAGE_BYTES * workPages++;
  }

  /** Number of the page that is appended next. */
  long nextPage() {
    return (pieceStart + fill) / PAGE_BYTES;
  }

  /** Appends bytes; pages need not be whole before {@link #padToPage}. */
  void put(byte[] bytes, int offset, int length) {
    int from = offset;
    int left = length;
    while (left > 0) {
      int count = Math.min(left, PieceList.PIECE_BYTES - fill);
      NativeMemory.copy(bytes, from, piece + fill, count);
      from += count;
      left -= count;
      filled(count);
    }
  }

  /** Appends bytes of memory outside the heap. */
  void put(long address, int length) {
    long from = address;
    int left = length;
    while (left > 0) {
      int count = Math.min(left, PieceList.PIECE_BYTES - fill);
      NativeMemory.copy(from, piece + fill, count);
      from += count;
      left -= count;
      filled(count);
    }
  }

  private void filled(int count) {
    fill += count;
    if (fill == PieceList.PIECE_BYTES) {
      endPiece();
    }
  }

  /** Appends the header of a run of overflow pages that holds so many bytes. */
  void putOverflowHeader(long dataBytes) {
    long header = work();
    NativeMemory.putLong(header, nextPage());
    NativeMemory.putShort(header + 8, (short) 0);
    NativeMemory.putShort(header + 10, (short) LmdbImage.FLAG_OVERFLOW);
    NativeMemory.putInt(header + 12, Math.toIntExact(overflowPages(dataBytes)));
    put(header, LmdbImage.PAGE_HEADER_BYTES);
  }

  /** Pages of a run of overflow pages. */
  static long overflowPages(long dataBytes) {
    return (LmdbImage.PAGE_HEADER_BYTES + dataBytes + PAGE_BYTES - 1) / PAGE_BYTES;
  }

  /** Appends zeros up to the end of the page. */
  void padToPage() {
    int partial = fill % PAGE_BYTES;
    if (partial > 0) {
      int count = PAGE_BYTES - partial;
      NativeMemory.fill(piece + fill, count, (byte) 0);
      filled(count);
    }
  }

  private void endPiece() {
    try {
      if (pieceStart == 0) {
        pieces.add(Digest.of(new byte[Digest.BYTES]));
        pieceCrcs.add(0);
      } else {
        ByteBuffer bytes = NativeMemory.segment(piece, fill).asByteBuffer();
        int crc = PieceChecksums.of(bytes.duplicate());
        checksums.add(crc);
        pieceCrcs.add(crc);
        sha256.update(bytes);
        pieces.add(Digest.of(sha256.digest()));
        behind.write(piece, fill, pieceStart);
      }
      pieceStart += fill;
      if (fill == PieceList.PIECE_BYTES) {
        fill = 0;
        piece = behind.take();
      }
    } catch (IOException e) {
      throw FileErrors.onWrite(file, e);
    }
  }

  /**
   * Writes the first piece, whose pages 0 and 1 are known now, the seal record among them, and
   * forces the file; what it consists of is settled then.
   *
   * @param meta contents of page 1, and of page 0 but for its number and the seal record; of one
   *     page
   */
  PieceList finish(byte[] meta) {
    if (fill > 0) {
      endPiece();
    }
    long lengthBytes = pieceStart;
    int firstLength = (int) Math.min(lengthBytes, PieceList.PIECE_BYTES);
    long first = firstPiece.address();
    NativeMemory.copy(meta, 0, first, PAGE_BYTES);
    NativeMemory.copy(meta, 0, first + PAGE_BYTES, PAGE_BYTES);
    NativeMemory.putLong(first + PAGE_BYTES, 1);
    ByteBuffer bytes = NativeMemory.segment(first, firstLength).asByteBuffer();
    checksums.setFirst(bytes.duplicate().position(PAGE_BYTES));
    byte[] pageZero = meta.clone();
    new SealRecord(ShardFileFormat.CURRENT_VERSION, PAGE_BYTES, lengthBytes, checksums.checksum())
        .writeTo(pageZero);
    NativeMemory.copy(pageZero, 0, first, PAGE_BYTES);
    pieceCrcs.set(0, PieceChecksums.of(bytes.duplicate()));
    sha256.update(bytes);
    pieces.set(0, Digest.of(sha256.digest()));
    try {
      behind.finish();
      channel.write(first, firstLength, 0);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
      Failpoint.SEAL_BEFORE_FORCE.hitWriting();
      channel.force();
    } catch (IOException e) {
      throw FileErrors.onWrite(file, e);
    }
    return new PieceList(lengthBytes, pieces);
  }

  /** CRC32C of every piece, once finished. */
  List<Integer> pieceCrcs() {
    return List.copyOf(pieceCrcs);
  }

  /** Gives the finished file its name, durably. */
  void publish(Path target) {
    try {
      Failpoint.SEAL_BEFORE_RENAME.hitWriting();
      Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
      Failpoint.SEAL_AFTER_RENAME.hitWriting();
      Path directory = target.toAbsolutePath().getParent();
      if (directory != null) {
        try (FileChannel opened = FileChannel.open(directory, StandardOpenOption.READ)) {
          opened.force(true);
        }
      }
    } catch (IOException e) {
      throw FileErrors.onWrite(file, e);
    }
  }

  /** Closes the file, which stays. Idempotent. */
  @Override
  public void close() {
    behind.close();
    firstPiece.close();
    work.close();
    try {
      channel.close();
    } catch (IOException e) {
      throw FileErrors.onWrite(file, e);
    }
  }

  /**
   * The checksum of a body: CRC32C over the CRC32C of every piece in order (u32, little-endian).
   * The first piece counts from page 1 on, for page 0 holds the result.
   */
  static final class PieceChecksums {
    private final List<Integer> ofPieces = new ArrayList<>(List.of(0));

    /** Adds the CRC32C of the next piece after the first. */
    void add(int crc) {
      ofPieces.add(crc);
    }

    /** Takes the first piece from page 1 on. */
    void setFirst(ByteBuffer fromPageOne) {
      ofPieces.set(0, of(fromPageOne));
    }

    static int of(ByteBuffer bytes) {
      CRC32C crc = new CRC32C();
      crc.update(bytes);
      return (int) crc.getValue();
    }

    int checksum() {
      ByteBuffer all =
          ByteBuffer.allocate(ofPieces.size() * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      ofPieces.forEach(all::putInt);
      return of(all.flip());
    }
  }
}
