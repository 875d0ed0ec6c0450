package io.featurekv.cli.cluster;

import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.admin.ClusterAdmin;
import io.featurekv.node.admin.ClusterAdmin.MetadataView;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code featurekv wait}. */
@Command(
    name = "wait",
    header = "Waits until the cluster has got somewhere.",
    description = {
      "Waits at most --timeout (60s unless told otherwise) and exits with 75 when that has passed, saying what was",
      "missing. A task or version that failed ends the wait with 1. Nodes that do not answer yet are waited for, too."
    })
@Examples({
  "featurekv wait healthy",
  "featurekv wait nodes=3 healthy --timeout 2m",
  "featurekv wait task=nightly-2026-11-22",
  "featurekv wait version=users:7"
})
public final class WaitCommand implements Callable<Integer> {
  private static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(60);
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);
  private static final long RETRY_PAUSE_MILLIS = 200;

  private final Session session;

  @Parameters(
      arity = "1..*",
      paramLabel = "CONDITION",
      converter = WaitCondition.Word.class,
      description = {
        "healthy: nothing is degraded.",
        "nodes=N: N nodes are up.",
        "task=ID: the task has ended well.",
        "version=TABLE:VERSION: the version can be read.",
        "Several are waited for together."
      })
  private List<WaitCondition> conditions = List.of();

  private String missing = "";

  WaitCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    Duration patience = session.timeoutOr(DEFAULT_PATIENCE);
    long deadlineNanos = System.nanoTime() + patience.toNanos();
    FeatureKvException last = null;
    while (true) {
      Duration left = Duration.ofNanos(deadlineNanos - System.nanoTime());
      try (ClusterAdmin admin =
          ClusterAdmin.connect(session.global().endpoints(), shorter(left, CALL_TIMEOUT))) {
        admin.await(this::holds, left);
        if (isStillSo(admin.read())) {
          return ExitCode.DONE;
        }
      } catch (FeatureKvException e) {
        boolean mayPass = e.code() == ErrorCode.UNAVAILABLE || e.code() == ErrorCode.DEADLINE;
        if (!mayPass) {
          throw e;
        }
        last = e;
      }
      if (System.nanoTime() - deadlineNanos >= 0) {
        throw tooLate(patience, last);
      }
      TimeUnit.MILLISECONDS.sleep(RETRY_PAUSE_MILLIS);
    }
  }

  /**
   * A node that has lost the others may hold an old state for the present one; only the leader's
   * word counts.
   */
  private boolean isStillSo(MetadataView view) {
    if (!view.fresh()) {
      missing = "no metadata leader can be reached";
      return false;
    }
    return holds(view.metadata());
  }

  private boolean holds(ClusterMetadata metadata) {
    for (WaitCondition condition : conditions) {
      Optional<String> lack = condition.missing(metadata);
      if (lack.isPresent()) {
        missing = lack.get();
        return false;
      }
    }
    return true;
  }

  private FeatureKvException tooLate(Duration patience, @Nullable FeatureKvException last) {
    String what = missing.isEmpty() && last != null ? String.valueOf(last.getMessage()) : missing;
    return new FeatureKvException(
        ErrorCode.DEADLINE, "not so after " + patience.toMillis() / 1000.0 + " s: " + what, last);
  }

  private static Duration shorter(Duration a, Duration b) {
    Duration shorter = a.compareTo(b) < 0 ? a : b;
    return shorter.toMillis() < 1 ? Duration.ofMillis(1) : shorter;
  }
}
