package io.featurekv.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file that is written or read once, from front to back, around the page cache where the file
 * system allows that (O_DIRECT of Linux). Pages of the cache can cost more than all that is done
 * with the bytes, and they push out what readers need (decision 0012). Any thread, each call on its
 * own.
 *
 * <p>Addresses, offsets and lengths are multiples of {@value #ALIGNMENT}, and large: there is no
 * one who reads ahead or writes behind.
 */
public final class UncachedFile implements AutoCloseable {
  /** What addresses, offsets and lengths are multiples of. */
  public static final int ALIGNMENT = 4096;

  /**
   * com.sun.nio.file.ExtendedOpenOption.DIRECT of the module jdk.unsupported, by name, because
   * javac cannot be kept from warning of it; null in a JDK without it.
   */
  private static final @Nullable OpenOption DIRECT = direct();

  private final FileChannel channel;

  private UncachedFile(FileChannel channel) {
    this.channel = channel;
  }

  /** Creates a file, which must not exist. */
  public static UncachedFile create(Path file) throws IOException {
    // Where O_DIRECT is refused, the file may be there nevertheless: so it is made without.
    FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE).close();
    return open(file, StandardOpenOption.WRITE);
  }

  /** Opens a file for writing, which is there. */
  public static UncachedFile openForWriting(Path file) throws IOException {
    return open(file, StandardOpenOption.WRITE);
  }

  /** Opens a file for reading through the cache, where it is known to be. */
  static UncachedFile cached(Path file) throws IOException {
    return new UncachedFile(FileChannel.open(file, StandardOpenOption.READ));
  }

  /** Opens a file for reading. */
  public static UncachedFile open(Path file) throws IOException {
    return open(file, StandardOpenOption.READ);
  }

  private static UncachedFile open(Path file, OpenOption access) throws IOException {
    if (DIRECT != null && isAligned(file)) {
      try {
        return new UncachedFile(FileChannel.open(file, access, DIRECT));
      } catch (IOException | UnsupportedOperationException e) {
        // This file system has only the cache; whatever else is wrong fails again below.
        return new UncachedFile(FileChannel.open(file, access));
      }
    }
    return new UncachedFile(FileChannel.open(file, access));
  }

  private static boolean isAligned(Path file) throws IOException {
    long blockBytes = Files.getFileStore(file).getBlockSize();
    return blockBytes > 0 && ALIGNMENT % blockBytes == 0;
  }

  private static @Nullable OpenOption direct() {
    try {
      return (OpenOption)
          Class.forName("com.sun.nio.file.ExtendedOpenOption").getField("DIRECT").get(null);
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  public long sizeBytes() throws IOException {
    return channel.size();
  }

  /** Writes all of some memory. */
  public void write(long address, int length, long offset) throws IOException {
    ByteBuffer bytes = NativeMemory.segment(address, length).asByteBuffer();
    while (bytes.hasRemaining()) {
      channel.write(bytes, offset + bytes.position());
    }
  }

  /**
   * Reads as much as there is.
   *
   * @param length room at the address
   * @return bytes that were read, fewer than there is room for only where the file ends
   */
  public int read(long address, int length, long offset) throws IOException {
    ByteBuffer bytes = NativeMemory.segment(address, length).asByteBuffer();
    int count = 0;
    while (count >= 0 && bytes.hasRemaining() && bytes.position() % ALIGNMENT == 0) {
      count = channel.read(bytes, offset + bytes.position());
    }
    return bytes.position();
  }

  /** Waits until all that was written is on the disk. */
  public void force() throws IOException {
    channel.force(true);
  }

  /** Idempotent. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
