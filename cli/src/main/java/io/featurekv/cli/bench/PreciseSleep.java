package io.featurekv.cli.bench;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.LockSupport;

/**
 * Sleeps to the microsecond. Linux wakes threads up to 50 microseconds late unless they ask for
 * less; elsewhere threads wake as they do.
 */
final class PreciseSleep {
  private static final int PR_SET_TIMERSLACK = 29;
  private static final long SLACK_NANOS = 1;

  private PreciseSleep() {}

  /** Asks for the calling thread. */
  static void askForPrecision() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return;
    }
    Linker linker = Linker.nativeLinker();
    var prctl = linker.defaultLookup().find("prctl");
    if (prctl.isEmpty()) {
      return;
    }
    try {
      int _ =
          (int)
              linker
                  .downcallHandle(
                      prctl.get(),
                      FunctionDescriptor.of(
                          ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG),
                      Linker.Option.firstVariadicArg(1))
                  .invokeExact(PR_SET_TIMERSLACK, SLACK_NANOS);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("prctl failed: " + e, e);
    }
  }

  /** Returns at a time of {@link System#nanoTime} or soon after it, at once where it is past. */
  static void until(long nanos) {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
