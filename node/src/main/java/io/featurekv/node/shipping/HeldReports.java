package io.featurekv.node.shipping;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandResult;
import io.featurekv.model.ShardFileId;
import io.featurekv.node.control.Proposer;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Reports files as held, many in one command: while one report of a version is under way, further
 * files of it gather for the next, so that shipping a version costs a few log entries instead of
 * one for each file. Thread-safe.
 */
final class HeldReports {
  private static final long TIMEOUT_MILLIS = 10_000;

  private final String nodeId;
  private final AtomicLong session;
  private final Proposer proposer;
  private final Map<Version, Gathering> gatherings = new HashMap<>();

  private record Version(String table, long number, int attempt) {}

  /**
   * Files that wait, and the future of those who wait for them; {@code underWay} while a report is.
   */
  private static final class Gathering {
    boolean underWay;
    TreeMap<Integer, String> digests = new TreeMap<>();
    CompletableFuture<CommandResult> outcome = new CompletableFuture<>();
  }

  HeldReports(String nodeId, AtomicLong session, Proposer proposer) {
    this.nodeId = nodeId;
    this.session = session;
    this.proposer = proposer;
  }

  /**
   * Completes when the metadata says that this node holds the file; a refusal is an exception.
   *
   * @param attempt to build its version, by metadata that were current here before the file was
   */
  CompletableFuture<CommandResult> report(ShardFileId id, int attempt, String digestHex) {
    Failpoint.SHIP_BEFORE_REPORT.hit();
    Version version = new Version(id.table(), id.version(), attempt);
    CompletableFuture<CommandResult> outcome;
    synchronized (gatherings) {
      Gathering gathering = gatherings.computeIfAbsent(version, v -> new Gathering());
      gathering.digests.put(id.shard(), digestHex);
      outcome = gathering.outcome;
    }
    sendNext(version);
    return outcome;
  }

  private void sendNext(Version version) {
    TreeMap<Integer, String> digests;
    CompletableFuture<CommandResult> outcome;
    synchronized (gatherings) {
      Gathering gathering = gatherings.get(version);
      if (gathering == null || gathering.underWay) {
        return;
      }
      if (gathering.digests.isEmpty()) {
        gatherings.remove(version);
        return;
      }
      digests = gathering.digests;
      outcome = gathering.outcome;
      gathering.underWay = true;
      gathering.digests = new TreeMap<>();
      gathering.outcome = new CompletableFuture<>();
    }
    Command held =
        new Command.ReportHeld(
            nodeId, session.get(), version.table(), version.number(), version.attempt(), digests);
    proposer
        .propose(held, TIMEOUT_MILLIS)
        .thenApply(CommandResult::orThrow)
        .whenComplete((result, failure) -> finish(version, outcome, result, failure));
  }

  private void finish(
      Version version,
      CompletableFuture<CommandResult> outcome,
      @Nullable CommandResult result,
      @Nullable Throwable failure) {
    synchronized (gatherings) {
      Gathering gathering = gatherings.get(version);
      if (gathering != null) {
        gathering.underWay = false;
      }
    }
    if (result != null) {
      outcome.complete(result);
    } else if (failure != null) {
      outcome.completeExceptionally(failure);
    }
    sendNext(version);
  }
}
