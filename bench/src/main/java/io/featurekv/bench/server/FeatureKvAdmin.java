package io.featurekv.bench.server;

import io.featurekv.loader.BuildProgress;
import io.featurekv.loader.GeneratedEntries;
import io.featurekv.loader.InputSpec;
import io.featurekv.metadata.Command.ActivateVersion;
import io.featurekv.model.Endpoint;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.admin.ClusterAdmin;
import io.featurekv.node.load.LoadRequest;
import io.featurekv.node.load.LoadRunner;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * Swaps versions of a node and ships files to it from within this process: starting a command for
 * each would cost more CPU time than what it does.
 */
public final class FeatureKvAdmin implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int VALUE_BYTES = 100_000;
  private static final long MEMORY_BYTES = 64 << 20;

  private final ClusterAdmin admin;

  private FeatureKvAdmin(ClusterAdmin admin) {
    this.admin = admin;
  }

  public static FeatureKvAdmin connect(Endpoint endpoint) {
    return new FeatureKvAdmin(ClusterAdmin.connect(List.of(endpoint), TIMEOUT));
  }

  /** Makes a version of a table the active one; it is there. */
  public void activate(String table, long version) {
    var _ = admin.propose(new ActivateVersion(table, version));
  }

  /**
   * Builds a version of a table, which is there, and ships it to the node.
   *
   * @param bytes of values
   * @param bytesPerSecond how fast to ship at most
   * @param isBuilt counted down when shipping begins
   * @return bytes a second that were shipped
   */
  public double ship(
      String table, long bytes, long bytesPerSecond, Path temporary, CountDownLatch isBuilt) {
    Pacing pacing = new Pacing(bytesPerSecond, isBuilt);
    String input =
        GeneratedEntries.SCHEME + Math.max(1, bytes / VALUE_BYTES) + "?valueBytes=" + VALUE_BYTES;
    try {
      var _ =
          LoadRunner.run(
              admin,
              new LoadRequest(
                  table,
                  new InputSpec(
                      List.of(input),
                      "auto",
                      List.of(),
                      ":",
                      "utf8",
                      "",
                      "utf8",
                      Map.of(),
                      "",
                      "",
                      false),
                  "",
                  UpdateMode.FULL,
                  false,
                  0,
                  false,
                  null,
                  false,
                  true,
                  Set.of(),
                  "",
                  MEMORY_BYTES,
                  temporary,
                  PATIENCE),
              pacing);
    } finally {
      isBuilt.countDown();
    }
    return pacing.bytesPerSecond();
  }

  @Override
  public void close() {
    admin.close();
  }

  /** Holds up the next piece until there is time for it. */
  private static final class Pacing implements BuildProgress {
    private final long mostPerSecond;
    private final CountDownLatch isBuilt;
    private long startNanos;
    private long endNanos;
    private long shippedBytes;

    private Pacing(long mostPerSecond, CountDownLatch isBuilt) {
      this.mostPerSecond = mostPerSecond;
      this.isBuilt = isBuilt;
    }

    @Override
    public synchronized void update(String stage, long done, long total) {
      if (!stage.equals("ship")) {
        return;
      }
      if (startNanos == 0) {
        startNanos = System.nanoTime();
        isBuilt.countDown();
      }
      shippedBytes = Math.max(shippedBytes, done);
      long due = startNanos + (long) (shippedBytes * 1e9 / mostPerSecond);
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      endNanos = System.nanoTime();
    }

    private synchronized double bytesPerSecond() {
      return shippedBytes * 1e9 / Math.max(1, endNanos - startNanos);
    }
  }
}
