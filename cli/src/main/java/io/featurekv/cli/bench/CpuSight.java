package io.featurekv.cli.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * CPU time so far, beside the keys that it was spent on so far.
 *
 * @param processSeconds of this process, every thread
 * @param senderSeconds of its threads that draw keys and send
 */
record CpuSight(long keys, double processSeconds, double senderSeconds, ServerCpu.Sight servers) {
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private static final double NANOS_PER_SECOND = 1e9;

  /** Looks now. */
  static CpuSight look(ReadLoad load, ServerCpu servers) {
    ServerCpu.Sight seen = servers.look();
    return new CpuSight(
        load.keysEnded(),
        PROCESS.getProcessCpuTime() / NANOS_PER_SECOND,
        load.senderCpuNanos() / NANOS_PER_SECOND,
        seen);
  }

  /** What a million keys took since another look. */
  Cost since(CpuSight before) {
    double millions = (keys - before.keys) / 1e6;
    return new Cost(
        (processSeconds - before.processSeconds) / millions,
        (senderSeconds - before.senderSeconds) / millions,
        servers.since(before.servers) / millions,
        servers.unknownBecause(before.servers));
  }

  /**
   * CPU seconds for a million keys; NaN where not known.
   *
   * @param client this process, every thread
   * @param generator what of it went into drawing keys and sending
   * @param server all nodes together
   * @param serverUnknownBecause empty when it is known
   */
  record Cost(double client, double generator, double server, String serverUnknownBecause) {}
}
