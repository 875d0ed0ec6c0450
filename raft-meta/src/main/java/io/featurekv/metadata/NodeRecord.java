package io.featurekv.metadata;

import java.util.Set;

/**
 * One node of the cluster.
 *
 * @param id chosen by its operator or drawn at its first start; never changes
 * @param incarnation counts how often the node's Raft directory was begun anew; {@code id + "-" +
 *     incarnation} is its Raft peer
 * @param session log index of its last registration: a report that carries another one is from
 *     before a restart and refused
 * @param sect the read replica it belongs to
 * @param listen host:port for clients and peers
 * @param raftListen host:port of its Raft server, empty without {@link Duty#META}
 * @param httpListen host:port of metrics and health, may be empty
 * @param weight share of the sect's shards, relative to the others; at least 1
 * @param voter whether it is in the Raft configuration
 * @param stateSinceMillis when {@code state} began, by the leader's clock
 */
public record NodeRecord(
    String id,
    int incarnation,
    long session,
    String sect,
    Set<Duty> duties,
    String listen,
    String raftListen,
    String httpListen,
    int weight,
    NodeState state,
    boolean voter,
    long joinedAtMillis,
    long stateSinceMillis) {
  public NodeRecord {
    duties = Set.copyOf(duties);
  }

  /** The name under which this node takes part in the Raft group. */
  public String raftPeerId() {
    return id + "-" + incarnation;
  }

  /** Whether it holds shards and answers reads. */
  public boolean serves() {
    return duties.contains(Duty.SERVE);
  }

  /** Whether it takes part in builds of the cluster. */
  public boolean builds() {
    return duties.contains(Duty.BUILD);
  }

  NodeRecord withState(NodeState newState, long nowMillis) {
    return new NodeRecord(
        id,
        incarnation,
        session,
        sect,
        duties,
        listen,
        raftListen,
        httpListen,
        weight,
        newState,
        voter,
        joinedAtMillis,
        nowMillis);
  }

  NodeRecord withVoter(boolean isVoter) {
    return new NodeRecord(
        id,
        incarnation,
        session,
        sect,
        duties,
        listen,
        raftListen,
        httpListen,
        weight,
        state,
        isVoter,
        joinedAtMillis,
        stateSinceMillis);
  }
}
