package io.featurekv.cli.option;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How much memory this machine has, of which options take a share unless told otherwise. */
public final class MachineMemory {
  private MachineMemory() {}

  /** Bytes in all, or of the container that this process runs in. */
  public static long bytes() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }
}
