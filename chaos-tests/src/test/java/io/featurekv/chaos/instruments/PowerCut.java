package io.featurekv.chaos.instruments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A disk that can lose its power: an ext4 file system in an image file, mounted by a loop device,
 * which the file system's own shutdown call stops as a power cut would: nothing that was not forced
 * arrives on it any more, not even from the journal's memory. After {@link #restore} it holds what
 * had been forced, and of the rest any part.
 */
public final class PowerCut implements AutoCloseable {
  /** {@code _IOR('X', 125, __u32)} of ext4 and XFS. */
  private static final long SHUTDOWN_REQUEST = 0x8004587dL;

  /** Shut down without writing the journal out. */
  private static final int NO_LOG_FLUSH = 2;

  private static final int O_RDONLY = 0;

  private final Path directory;
  private final Path image;
  private final AtExit atExit = new AtExit();

  private PowerCut(Path directory, Path image) {
    this.directory = directory;
    this.image = image;
  }

  /** Why there can be none on this machine; empty where there can. */
  public static Optional<String> missing() {
    return SystemTools.missingForRoot("mount", "umount", "mkfs.ext4", "losetup")
        .or(
            () ->
                Files.exists(Path.of("/dev/loop-control"))
                    ? Optional.empty()
                    : Optional.of("needs loop devices"));
  }

  /**
   * Makes the file system and mounts it over a directory.
   *
   * @param image a file to be made, of so many bytes, with holes; removed at the end
   */
  public static PowerCut mount(Path directory, Path image, long sizeBytes) {
    PowerCut disk = new PowerCut(directory, image);
    try {
      Files.createDirectories(directory);
      try (FileChannel made =
          FileChannel.open(image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        disk.atExit.add(disk::removeImage);
        made.write(java.nio.ByteBuffer.allocate(1), sizeBytes - 1);
      }
      SystemTools.run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=1", image.toString());
      disk.mountImage();
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

  private void mountImage() {
    SystemTools.run("mount", "-o", "loop", image.toString(), directory.toString());
  }

  private void removeImage() {
    try {
      Files.deleteIfExists(image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path directory() {
    return directory;
  }

  /** Cuts the power: from now on every write, force and new read of the disk fails. */
  public void cut() {
    Linker linker = Linker.nativeLinker();
    MethodHandle open =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("open"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    MethodHandle control =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("ioctl"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS),
            Linker.Option.firstVariadicArg(2));
    MethodHandle close =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("close"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int descriptor = (int) open.invokeExact(arena.allocateFrom(directory.toString()), O_RDONLY);
      if (descriptor < 0) {
        throw new IllegalStateException("cannot open " + directory);
      }
      MemorySegment how = arena.allocateFrom(ValueLayout.JAVA_INT, NO_LOG_FLUSH);
      int result = (int) control.invokeExact(descriptor, SHUTDOWN_REQUEST, how);
      int closed = (int) close.invokeExact(descriptor);
      if (result != 0 || closed != 0) {
        throw new IllegalStateException(directory + " does not take the shutdown call");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Mounts it again, as after the power came back. All processes that used it must have ended.
   *
   * @throws IllegalStateException if it is still in use
   */
  public void restore() {
    SystemTools.run("umount", directory.toString());
    mountImage();
  }

  @Override
  public void close() {
    atExit.close();
  }
}
