package io.featurekv.storage;

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
 * <p>Invariants: bytes of the file before {@code pieceStart} are written and, but for piece 0,
 * digested; {@code piece} holds what follows; the first piece is kept until the end.
 */
final class PageFileWriter implements AutoCloseable {
  static final int PAGE_BYTES = ShardFileFormat.PAGE_BYTES;
  private static final int META_PAGES = 2;
  private static final byte[] ZEROS = new byte[PAGE_BYTES];

  /** One for whoever is at work, and one for the leaf of each tree of a file. */
  private static final int WORK_PAGES = 16;

  private final Path file;
  private final FileChannel channel;
  private final VirtualMemory buffers = VirtualMemory.allocate(2L * PieceList.PIECE_BYTES);
  private final VirtualMemory work = VirtualMemory.allocate((long) WORK_PAGES * PAGE_BYTES);
  private int workPages = 1;
  private final ByteBuffer firstPiece = buffer(0);
  private final List<Digest> pieces = new ArrayList<>();
  private final PieceChecksums checksums = new PieceChecksums();
  private final MessageDigest sha256 = Digest.sha256();
  private ByteBuffer piece = firstPiece;
  private long pieceStart;

  private PageFileWriter(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
    piece.position(META_PAGES * PAGE_BYTES);
  }

  private ByteBuffer buffer(int index) {
    return NativeMemory.segment(
            buffers.address() + PieceList.offsetOf(index), PieceList.PIECE_BYTES)
        .asByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Creates the file, which must not exist. */
  static PageFileWriter create(Path file) {
    try {
      FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
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
    return (pieceStart + piece.position()) / PAGE_BYTES;
  }

  /** Appends bytes; pages need not be whole before {@link #padToPage}. */
  void put(byte[] bytes, int offset, int length) {
    int from = offset;
    int left = length;
    while (left > 0) {
      int count = Math.min(left, piece.remaining());
      piece.put(bytes, from, count);
      from += count;
      left -= count;
      if (!piece.hasRemaining()) {
        endPiece();
      }
    }
  }

  /** Appends bytes of memory outside the heap. */
  void put(long address, int length) {
    long from = address;
    int left = length;
    while (left > 0) {
      int count = Math.min(left, piece.remaining());
      piece.put(NativeMemory.segment(from, count).asByteBuffer());
      from += count;
      left -= count;
      if (!piece.hasRemaining()) {
        endPiece();
      }
    }
  }

  /** Appends the header of a run of overflow pages that holds so many bytes. */
  void putOverflowHeader(long dataBytes) {
    long number = nextPage();
    byte[] header = new byte[LmdbImage.PAGE_HEADER_BYTES];
    ByteBuffer.wrap(header)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(number)
        .putShort((short) 0)
        .putShort((short) LmdbImage.FLAG_OVERFLOW)
        .putInt(Math.toIntExact(overflowPages(dataBytes)));
    put(header, 0, header.length);
  }

  /** Pages of a run of overflow pages. */
  static long overflowPages(long dataBytes) {
    return (LmdbImage.PAGE_HEADER_BYTES + dataBytes + PAGE_BYTES - 1) / PAGE_BYTES;
  }

  /** Appends zeros up to the end of the page. */
  void padToPage() {
    int partial = piece.position() % PAGE_BYTES;
    if (partial > 0) {
      put(ZEROS, 0, PAGE_BYTES - partial);
    }
  }

  private void endPiece() {
    piece.flip();
    int length = piece.limit();
    write(piece.duplicate(), pieceStart);
    if (pieceStart == 0) {
      pieces.add(Digest.of(new byte[Digest.BYTES]));
      piece = buffer(1);
    } else {
      checksums.add(piece.duplicate());
      sha256.update(piece.duplicate());
      pieces.add(Digest.of(sha256.digest()));
      piece.clear();
    }
    pieceStart += length;
  }

  /**
   * Writes the first two pages, the seal record among them, and forces the file; what it consists
   * of is settled then.
   *
   * @param meta contents of page 1, and of page 0 but for its number and the seal record; of one
   *     page
   */
  PieceList finish(byte[] meta) {
    if (piece.position() > 0) {
      endPiece();
    }
    long lengthBytes = pieceStart;
    ByteBuffer first = firstPiece.rewind();
    first.put(0, meta).put(PAGE_BYTES, meta).putLong(PAGE_BYTES, 1);
    checksums.setFirst(first.duplicate().position(PAGE_BYTES));
    byte[] pageZero = meta.clone();
    new SealRecord(ShardFileFormat.CURRENT_VERSION, PAGE_BYTES, lengthBytes, checksums.checksum())
        .writeTo(pageZero);
    first.put(0, pageZero);
    write(first.duplicate().limit(META_PAGES * PAGE_BYTES), 0);
    sha256.update(first);
    pieces.set(0, Digest.of(sha256.digest()));
    try {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
      channel.force(true);
    } catch (IOException e) {
      throw FileErrors.onWrite(file, e);
    }
    return new PieceList(lengthBytes, pieces);
  }

  /** Gives the finished file its name, durably. */
  void publish(Path target) {
    try {
      Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
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

  private void write(ByteBuffer bytes, long offset) {
    long at = offset;
    try {
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    } catch (IOException e) {
      throw FileErrors.onWrite(file, e);
    }
  }

  /** Closes the file, which stays. Idempotent. */
  @Override
  public void close() {
    buffers.close();
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
    private final CRC32C crc = new CRC32C();
    private final List<Integer> ofPieces = new ArrayList<>(List.of(0));

    /** Adds the next piece after the first. */
    void add(ByteBuffer piece) {
      ofPieces.add(of(piece));
    }

    /** Takes the first piece from page 1 on. */
    void setFirst(ByteBuffer fromPageOne) {
      ofPieces.set(0, of(fromPageOne));
    }

    private int of(ByteBuffer bytes) {
      crc.reset();
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
