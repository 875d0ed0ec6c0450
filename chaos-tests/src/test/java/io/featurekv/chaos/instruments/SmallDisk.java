package io.featurekv.chaos.instruments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A disk of a given size, in memory, that can be filled up and relieved again. */
public final class SmallDisk implements AutoCloseable {
  private static final int BLOCK_BYTES = 64 << 10;
  private static final String BALLAST = ".ballast";

  private final Path directory;
  private final AtExit atExit = new AtExit();

  private SmallDisk(Path directory) {
    this.directory = directory;
  }

  /** Why there can be none on this machine; empty where there can. */
  public static Optional<String> missing() {
    return SystemTools.missingForRoot("mount", "umount");
  }

  /** Mounts one over a directory, which is made if it is not there. */
  public static SmallDisk mount(Path directory, long sizeBytes) {
    SmallDisk disk = new SmallDisk(directory);
    try {
      Files.createDirectories(directory);
      SystemTools.run(
          "mount", "-t", "tmpfs", "-o", "size=" + sizeBytes, "tmpfs", directory.toString());
      disk.atExit.add(() -> Mounts.unmount(directory));
      return disk;
    } catch (IOException e) {
      disk.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      disk.close();
      throw e;
    }
  }

  public Path directory() {
    return directory;
  }

  /** Bytes that can still be written. */
  public long freeBytes() {
    try {
      return Files.getFileStore(directory).getUsableSpace();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes all room but so many bytes; returns how many were taken. */
  public long fill(long leftBytes) {
    long taken = 0;
    try (FileChannel ballast =
        FileChannel.open(
            directory.resolve(BALLAST), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (long free = freeBytes(); free > leftBytes; free = freeBytes()) {
        taken += ballast.write(ByteBuffer.allocate((int) Math.min(BLOCK_BYTES, free - leftBytes)));
      }
    } catch (IOException e) {
      if (freeBytes() > Math.max(leftBytes, BLOCK_BYTES)) {
        throw new UncheckedIOException(e);
      }
    }
    return taken;
  }

  /** Gives back what {@link #fill} took. */
  public void relieve() {
    try {
      Files.deleteIfExists(directory.resolve(BALLAST));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Unmounts it; what was on it is gone. */
  @Override
  public void close() {
    atExit.close();
  }
}
