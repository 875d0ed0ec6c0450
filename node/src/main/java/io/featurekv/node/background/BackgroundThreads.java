package io.featurekv.node.background;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads for work that may take longer when reads want the processor: Linux gives them a lower
 * priority (nice), which any process may do. Elsewhere they are threads like others.
 */
public final class BackgroundThreads {
  /**
   * 0 to 19; the higher the less processor beside others. Property {@code
   * featurekv.background.nice}.
   */
  static final int NICE = Integer.getInteger("featurekv.background.nice", 15);

  private static final int PRIO_PROCESS = 0;

  /** setpriority takes it for the calling thread. */
  private static final int THIS_THREAD = 0;

  private static final Logger LOG = LoggerFactory.getLogger(BackgroundThreads.class);

  private BackgroundThreads() {}

  /** Daemon threads with names that begin so. */
  public static ThreadFactory named(String prefix) {
    ThreadFactory threads = Thread.ofPlatform().name(prefix, 0).daemon().factory();
    return work ->
        threads.newThread(
            () -> {
              lowerPriority();
              work.run();
            });
  }

  private static void lowerPriority() {
    try {
      if (!SetPriority.succeeds(NICE)) {
        LOG.info("background work runs at the priority of everything else");
      }
    } catch (UnsupportedOperationException | IllegalStateException e) {
      LOG.info("background work runs at the priority of everything else: {}", e.getMessage());
    }
  }

  /** Looked up when the first thread starts. */
  private static final class SetPriority {
    private static final MethodHandle FUNCTION = function();

    private static MethodHandle function() {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(
          linker
              .defaultLookup()
              .find("setpriority")
              .orElseThrow(() -> new UnsupportedOperationException("there is no setpriority")),
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT));
    }

    static boolean succeeds(int nice) {
      try {
        return (int) FUNCTION.invokeExact(PRIO_PROCESS, THIS_THREAD, nice) == 0;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
