package io.featurekv.metadata;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who works, or worked, on one unit of a cluster build.
 *
 * @param attempts leases given so far in the task's attempt
 * @param failures attempts that ended with an error or in silence; one that ended with its builder
 *     does not count
 * @param leases at most {@link #MAX_LEASES}
 * @param doneBy node that has the result, empty while there is none
 * @param lastError why the last attempt that failed did, empty when none has
 * @param failedOn node of that attempt
 */
public record WorkRecord(
    WorkState state,
    int attempts,
    int failures,
    List<WorkLease> leases,
    String doneBy,
    String lastError,
    String failedOn) {
  /** A second builder may begin what the first is slow with. */
  public static final int MAX_LEASES = 2;

  /** So many failures and the task fails. */
  public static final int MAX_FAILURES = 4;

  /** So many leases and the task fails, whatever became of them. */
  public static final int MAX_ATTEMPTS = 32;

  static final int MAX_ERROR_CHARS = 500;

  /** Nobody has begun it. */
  public static final WorkRecord NEW =
      new WorkRecord(WorkState.PENDING, 0, 0, List.of(), "", "", "");

  public WorkRecord {
    leases = List.copyOf(leases);
  }

  /** The lease of a node in its session. */
  public Optional<WorkLease> leaseOf(String nodeId, long session) {
    return leases.stream()
        .filter(lease -> lease.nodeId().equals(nodeId) && lease.session() == session)
        .findFirst();
  }

  /** Most that any lease has done. */
  public long leasedDone() {
    return leases.stream().mapToLong(WorkLease::done).max().orElse(0);
  }

  WorkRecord leased(WorkLease lease) {
    List<WorkLease> more = new ArrayList<>(leases);
    more.add(lease);
    return new WorkRecord(
        WorkState.LEASED, attempts + 1, failures, more, doneBy, lastError, failedOn);
  }

  WorkRecord renewed(WorkLease lease, long done) {
    List<WorkLease> changed =
        leases.stream().map(each -> each.equals(lease) ? each.renewed(done) : each).toList();
    return new WorkRecord(state, attempts, failures, changed, doneBy, lastError, failedOn);
  }

  WorkRecord finished(String nodeId) {
    return new WorkRecord(
        WorkState.DONE, attempts, failures, List.of(), nodeId, lastError, failedOn);
  }

  /** A lease ended without a result, through no fault of the work. */
  WorkRecord without(WorkLease lease, String why) {
    List<WorkLease> fewer = leases.stream().filter(each -> !each.equals(lease)).toList();
    return new WorkRecord(
        fewer.isEmpty() ? WorkState.PENDING : WorkState.LEASED,
        attempts,
        failures,
        fewer,
        doneBy,
        Step.cut(why, MAX_ERROR_CHARS),
        lease.nodeId());
  }

  /** A lease ended with an error. */
  WorkRecord failed(WorkLease lease, String why) {
    WorkRecord rest = without(lease, why);
    return new WorkRecord(
        rest.state, attempts, failures + 1, rest.leases, doneBy, rest.lastError, rest.failedOn);
  }

  /** What was done is gone, or of no use. */
  WorkRecord undone(String why) {
    return new WorkRecord(
        WorkState.PENDING,
        attempts,
        failures,
        List.of(),
        "",
        Step.cut(why, MAX_ERROR_CHARS),
        doneBy);
  }

  WorkRecord givenUp() {
    return new WorkRecord(
        WorkState.FAILED, attempts, failures, List.of(), doneBy, lastError, failedOn);
  }
}
