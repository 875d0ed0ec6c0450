package io.featurekv.storage;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Anonymous memory outside the heap, zero at first, in huge pages where the system has them (mmap
 * and madvise of Linux). Freed by {@link #close}, and by nothing else. Any thread.
 */
public final class VirtualMemory implements AutoCloseable {
  private static final long HUGE_PAGE_BYTES = 2L << 20;

  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int MADV_RANDOM = 1;
  private static final int MADV_WILLNEED = 3;
  private static final int MADV_HUGEPAGE = 14;
  private static final int MADV_POPULATE_READ = 22;

  private static final int SC_PAGESIZE = 30;

  private static final Linker LINKER = linker();
  private static final MethodHandle MMAP =
      function(
          "mmap",
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG));
  private static final MethodHandle MUNMAP =
      function(
          "munmap",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
  private static final MethodHandle MADVISE =
      function(
          "madvise",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT));

  private static final MethodHandle MINCORE =
      function(
          "mincore",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.ADDRESS));

  private static final MethodHandle SYSCONF =
      function("sysconf", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
  private static final long PAGE_BYTES = pageBytes();

  private static final AtomicLong ALLOCATED_BYTES = new AtomicLong();
  private static final AtomicLong TABLE_BYTES = new AtomicLong();

  private final long mapped;
  private final long mappedBytes;
  private final long address;
  private final long sizeBytes;
  private final boolean isOfTable;
  private final AtomicBoolean isClosed = new AtomicBoolean();

  private VirtualMemory(
      long mapped, long mappedBytes, long address, long sizeBytes, boolean isOfTable) {
    this.mapped = mapped;
    this.mappedBytes = mappedBytes;
    this.address = address;
    this.sizeBytes = sizeBytes;
    this.isOfTable = isOfTable;
  }

  private static Linker linker() {
    String system = System.getProperty("os.name");
    if (!"Linux".equals(system)) {
      throw new UnsupportedOperationException(
          "FeatureKV's tables run on Linux only, this is " + system);
    }
    return Linker.nativeLinker();
  }

  private static long pageBytes() {
    try {
      return (long) SYSCONF.invokeExact(SC_PAGESIZE);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** A short call that does nothing, for what the JVM does on the way there and back. */
  static void passThroughNative() {
    try {
      long _ = (long) SYSCONF.invokeExact(SC_PAGESIZE);
    } catch (Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
  }

  /**
   * Reserves memory; pages become resident as they are written.
   *
   * @throws FeatureKvException NO_SPACE when the system gives none
   */
  public static VirtualMemory allocate(long sizeBytes) {
    return allocate(sizeBytes, false);
  }

  /** The same, for what a table keeps in memory as long as it is open. */
  static VirtualMemory allocateForTable(long sizeBytes) {
    return allocate(sizeBytes, true);
  }

  private static VirtualMemory allocate(long sizeBytes, boolean isOfTable) {
    boolean isLarge = sizeBytes >= HUGE_PAGE_BYTES;
    long page = isLarge ? HUGE_PAGE_BYTES : PAGE_BYTES;
    long rounded = (Math.max(1, sizeBytes) + page - 1) & -page;
    long mappedBytes = isLarge ? rounded + HUGE_PAGE_BYTES : rounded;
    long mapped = map(mappedBytes);
    if (mapped == -1) {
      throw new FeatureKvException(
          ErrorCode.NO_SPACE, "the system has no " + sizeBytes + " bytes of memory left");
    }
    long address = (mapped + page - 1) & -page;
    if (isLarge) {
      // Refused where huge pages are off; small ones do as well then.
      advise(address, rounded, MADV_HUGEPAGE);
    }
    ALLOCATED_BYTES.addAndGet(sizeBytes);
    if (isOfTable) {
      TABLE_BYTES.addAndGet(sizeBytes);
    }
    return new VirtualMemory(mapped, mappedBytes, address, sizeBytes, isOfTable);
  }

  /** Bytes of this process that were allocated here and not freed; for leak tests and metrics. */
  public static long allocatedBytes() {
    return ALLOCATED_BYTES.get();
  }

  /** What of that open tables keep, those included that are being opened or read back. */
  public static long tableBytes() {
    return TABLE_BYTES.get();
  }

  public long address() {
    return address;
  }

  public long sizeBytes() {
    return sizeBytes;
  }

  /** A view of all of it, valid until {@link #close}. */
  public MemorySegment segment() {
    return NativeMemory.segment(address, sizeBytes);
  }

  /** Frees it. Idempotent. */
  @Override
  public void close() {
    if (isClosed.compareAndSet(false, true)) {
      ALLOCATED_BYTES.addAndGet(-sizeBytes);
      if (isOfTable) {
        TABLE_BYTES.addAndGet(-sizeBytes);
      }
      unmap(mapped, mappedBytes);
    }
  }

  /** Says that a mapped file is read here and there, so that nothing is read ahead. */
  static void expectRandomReads(long address, long length) {
    advise(address, length, MADV_RANDOM);
  }

  /**
   * Starts reading the pages of a mapped file that hold a range, without waiting for them. An error
   * is of no consequence: whoever touches the pages waits for them then.
   */
  static void startReading(long address, long length) {
    long from = address & -PAGE_BYTES;
    advise(from, address + length - from, MADV_WILLNEED);
  }

  /**
   * Reads the pages of a mapped file that hold a range, and waits for them.
   *
   * @return false where they cannot be read, or the kernel (before 5.14) does not know how
   */
  static boolean populate(long address, long length) {
    startReading(address, length);
    long from = address & -PAGE_BYTES;
    try {
      return (int) MADVISE.invokeExact(from, address + length - from, MADV_POPULATE_READ) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether the page of a mapped file that holds an address is in memory. */
  static boolean isInMemory(long address, MemorySegment oneByte) {
    try {
      int result = (int) MINCORE.invokeExact(address & -PAGE_BYTES, 1L, oneByte);
      return result == 0 && (oneByte.get(ValueLayout.JAVA_BYTE, 0) & 1) != 0;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static long map(long bytes) {
    try {
      return (long) MMAP.invokeExact(0L, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void unmap(long address, long length) {
    try {
      int result = (int) MUNMAP.invokeExact(address, length);
      if (result != 0) {
        throw new IllegalStateException("munmap of " + length + " bytes failed");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("CheckReturnValue")
  private static void advise(long address, long length, int advice) {
    try {
      int ignored = (int) MADVISE.invokeExact(address, length, advice);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
