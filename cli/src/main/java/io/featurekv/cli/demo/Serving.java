package io.featurekv.cli.demo;

import io.featurekv.cli.session.Session;
import java.io.IOException;
import java.io.PrintStream;
import java.util.stream.Collectors;

/** The end of a demonstration that stays up. */
final class Serving {
  private Serving() {}

  /** Says what can be tried and waits for the process to be stopped, which cleans up. */
  static void untilInterrupted(Session session, DemoCluster cluster)
      throws IOException, InterruptedException {
    cluster.restartKilled();
    String endpoints =
        cluster.endpoints().stream().map(Object::toString).collect(Collectors.joining(","));
    PrintStream err = session.streams().err();
    session.streams().out().flush();
    err.println();
    err.println("The cluster stays up until Ctrl-C. To try next:");
    err.println("  export FEATUREKV_ENDPOINT=" + endpoints);
    err.println("  featurekv status");
    err.println("  featurekv version list demo_mem");
    err.println("  featurekv scan demo_idx --limit 3");
    err.println("  featurekv load demo_blk generate:1000000");
    err.println("  featurekv rollback demo_blk");
    Thread.currentThread().join();
  }
}
