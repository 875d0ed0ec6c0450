package io.featurekv.node.shipping;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ShardFileId;

/** Which files a node takes from builders: pure functions of the metadata. */
public final class UploadRules {
  private UploadRules() {}

  /**
   * Only files of a version that is being built are taken, and only from the builder of its present
   * attempt.
   *
   * @throws FeatureKvException TRY_AGAIN while the version or the attempt is not known here,
   *     CONFLICT for any other
   */
  public static void check(ClusterMetadata metadata, ShardFileId id, int attempt) {
    TableRecord table = metadata.tables().get(id.table());
    VersionRecord version = table == null ? null : table.versions().get(id.version());
    if (version == null) {
      throw new FeatureKvException(
          ErrorCode.TRY_AGAIN,
          "this node does not know version " + id.version() + " of " + id.table() + " yet");
    }
    TaskRecord task = metadata.tasks().get(version.taskId());
    if (task == null || task.attempt() < attempt) {
      throw new FeatureKvException(
          ErrorCode.TRY_AGAIN,
          "this node does not know attempt "
              + attempt
              + " to build version "
              + id.version()
              + " of "
              + id.table()
              + " yet");
    }
    boolean isPresentAttempt = task.attempt() == attempt;
    if (version.state() != VersionState.BUILDING || !isPresentAttempt) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT,
          "version "
              + id.version()
              + " of "
              + id.table()
              + " is "
              + version.state()
              + ", attempt "
              + task.attempt()
              + "; files of attempt "
              + attempt
              + " are not taken");
    }
  }

  /**
   * Another file under the same key gives way only once this node has caught up with its
   * registration and with what its own reports were answered: by older metadata an earlier attempt
   * may be the present one, and what is here the file of a later one that is sealed.
   *
   * @param session of this node; 0 until it is registered
   * @param reachedIndex up to where this node knows the log to reach
   * @throws FeatureKvException TRY_AGAIN until then
   */
  public static void checkReplacing(
      ClusterMetadata metadata, long session, long reachedIndex, ShardFileId id) {
    if (session == 0 || metadata.index() < Math.max(session, reachedIndex)) {
      throw new FeatureKvException(
          ErrorCode.TRY_AGAIN,
          "this node has another file for shard "
              + id.shard()
              + " of version "
              + id.version()
              + " of "
              + id.table()
              + " and does not know the newest metadata yet");
    }
  }
}
