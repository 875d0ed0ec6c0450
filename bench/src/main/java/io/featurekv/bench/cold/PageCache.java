package io.featurekv.bench.cold;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** What the kernel holds of files in memory: how much, and forgetting it. Linux only. */
public final class PageCache {
  private static final int O_RDONLY = 0;
  private static final int POSIX_FADV_DONTNEED = 4;
  private static final int MADV_DONTNEED = 4;
  private static final long PAGE_BYTES = 4096;

  private static final MethodHandle OPEN =
      libc(
          "open",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      libc("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
  private static final MethodHandle FADVISE =
      libc(
          "posix_fadvise",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT));
  private static final MethodHandle MADVISE =
      libc(
          "madvise",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT));
  private static final MethodHandle MINCORE =
      libc(
          "mincore",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_LONG,
              ValueLayout.ADDRESS));

  private PageCache() {}

  private static MethodHandle libc(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    MemorySegment address =
        SymbolLookup.loaderLookup()
            .find(name)
            .or(() -> linker.defaultLookup().find(name))
            .orElseThrow(() -> new UnsupportedOperationException("no " + name + " here"));
    return linker.downcallHandle(address, descriptor, options);
  }

  /**
   * Forgets the pages of files that are written out, those included that this process has mapped:
   * its maps stay, and read from the disk again. Pages that another process maps stay.
   */
  public static void forget(List<Path> files) throws IOException {
    for (Path file : files) {
      unmapPages(file.toRealPath());
      adviseAway(file);
    }
  }

  /** The kernel leaves pages alone that are in a page table. */
  private static void unmapPages(Path file) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
      if (line.endsWith(" " + file) && !line.contains("rw")) {
        String[] range = line.substring(0, line.indexOf(' ')).split("-", 2);
        long start = Long.parseUnsignedLong(range[0], 16);
        long length = Long.parseUnsignedLong(range[1], 16) - start;
        call(MADVISE, start, length, MADV_DONTNEED);
      }
    }
  }

  private static void adviseAway(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int descriptor = call(OPEN, arena.allocateFrom(file.toString()), O_RDONLY);
      if (descriptor < 0) {
        throw new IOException(file + " could not be opened to forget its pages");
      }
      int error = call(FADVISE, descriptor, 0L, 0L, POSIX_FADV_DONTNEED);
      call(CLOSE, descriptor);
      if (error != 0) {
        throw new IOException(file + ": posix_fadvise said " + error);
      }
    }
  }

  /** The part of the files' bytes that is in memory, 0 to 1. */
  public static double residentPart(List<Path> files) throws IOException {
    long pages = 0;
    long resident = 0;
    for (Path file : files) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
          Arena arena = Arena.ofConfined()) {
        MemorySegment map = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        long count = (map.byteSize() + PAGE_BYTES - 1) / PAGE_BYTES;
        MemorySegment states = arena.allocate(Math.max(1, count));
        call(MINCORE, map, map.byteSize(), states);
        for (long page = 0; page < count; page++) {
          resident += states.get(ValueLayout.JAVA_BYTE, page) & 1;
        }
        pages += count;
      }
    }
    return pages == 0 ? 0 : (double) resident / pages;
  }

  private static int call(MethodHandle function, Object... arguments) {
    try {
      return (int) function.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException("a call into libc failed: " + e, e);
    }
  }
}
