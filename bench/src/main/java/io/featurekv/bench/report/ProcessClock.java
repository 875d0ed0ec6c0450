package io.featurekv.bench.report;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * CPU time of all threads of this process, those that have ended included, to the nanosecond (the
 * JDK's own knows ticks of 10 ms). Linux only; for one thread.
 */
public final class ProcessClock {
  private static final int CLOCK_PROCESS_CPUTIME_ID = 2;
  private static final MemorySegment TIME = Arena.global().allocate(2 * Long.BYTES, Long.BYTES);
  private static final MethodHandle CLOCK_GETTIME =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("clock_gettime"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));

  private ProcessClock() {}

  /** CPU time so far. */
  public static long nanos() {
    try {
      int error = (int) CLOCK_GETTIME.invokeExact(CLOCK_PROCESS_CPUTIME_ID, TIME);
      if (error != 0) {
        throw new IllegalStateException("clock_gettime said " + error);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("clock_gettime failed: " + e, e);
    }
    return TIME.get(ValueLayout.JAVA_LONG, 0) * 1_000_000_000L
        + TIME.get(ValueLayout.JAVA_LONG, Long.BYTES);
  }
}
