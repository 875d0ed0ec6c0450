package io.featurekv.metadata;

/**
 * The right of one builder to work on one unit, until it ends it, is taken for lost, or another
 * builder ends the unit first.
 *
 * @param session session of the node in which it was given: after a restart it means nothing
 * @param sinceMillis by the leader's clock
 * @param renewals how often its builder has reported since; a lease that is not renewed is lost
 * @param done input bytes (of a split) or entries (of a shard) so far
 */
public record WorkLease(String nodeId, long session, long sinceMillis, int renewals, long done) {
  WorkLease renewed(long newDone) {
    return new WorkLease(nodeId, session, sinceMillis, renewals + 1, newDone);
  }
}
