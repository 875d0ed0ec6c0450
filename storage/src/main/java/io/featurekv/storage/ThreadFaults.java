package io.featurekv.storage;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Whether the calling thread has waited for a disk since it was last asked: the major page faults
 * of {@code getrusage(RUSAGE_THREAD)}. One thread.
 */
final class ThreadFaults {
  private static final int RUSAGE_THREAD = 1;
  private static final int RUSAGE_BYTES = 144;
  private static final int MAJOR_FAULTS_AT = 72;

  private static final MethodHandle GETRUSAGE =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("getrusage"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));

  private final MemorySegment usage = Arena.ofAuto().allocate(RUSAGE_BYTES, Long.BYTES);
  private long seen;

  boolean hasWaited() {
    try {
      if ((int) GETRUSAGE.invokeExact(RUSAGE_THREAD, usage) != 0) {
        return false;
      }
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    long faults = usage.get(ValueLayout.JAVA_LONG, MAJOR_FAULTS_AT);
    boolean isMore = faults > seen;
    seen = faults;
    return isMore;
  }
}
