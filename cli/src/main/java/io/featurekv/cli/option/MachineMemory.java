package io.featurekv.cli.option;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How much memory this machine and this process have, of which options take a share unless told
 * otherwise.
 */
public final class MachineMemory {
  private MachineMemory() {}

  /** Bytes in all, or of the container that this process runs in. */
  public static long bytes() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }

  /** The most that the heap of this process takes. */
  public static long maxHeapBytes() {
    return Long.parseLong(
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
            .getVMOption("MaxHeapSize")
            .getValue());
  }
}
