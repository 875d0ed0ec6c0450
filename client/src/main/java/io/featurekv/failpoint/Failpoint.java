package io.featurekv.failpoint;

import java.io.IOException;
import java.util.Locale;

/**
 * Named points in the code of nodes and builders at which tests let a process end, wait or fail;
 * see docs/failpoints.md. Without the system properties {@code featurekv.failpoint} and {@code
 * featurekv.failpoint.report} a hit is nothing: a constant that the compiler removes.
 *
 * <p>{@code featurekv.failpoint} is a list of orders, {@code POINT:ACTION@N,...}, or {@code @FILE},
 * a file that holds such a list and may change or be missing. An order is carried out once, when
 * its point is hit for the N-th time (1 where {@code @N} is left out) since the list was read:
 *
 * <ul>
 *   <li>{@code kill} ends the process at once, as SIGKILL does;
 *   <li>{@code pause=MILLIS} holds the thread up;
 *   <li>{@code fail} lets the point throw.
 * </ul>
 *
 * <p>{@code featurekv.failpoint.report} is a file to which the name of each point is appended when
 * the process hits it first.
 */
public enum Failpoint {
  /** A sorted run of a build is about to be written; in the builder. */
  SPILL_BEFORE_WRITE,
  /** A sorted run is written; nobody knows of it yet. */
  SPILL_AFTER_WRITE,
  /** A builder of the cluster has read a split and is about to say so. */
  BUILD_BEFORE_SPLIT_FINISH,
  /** A part of another builder's run has come and is about to be stored. */
  BUILD_BEFORE_PART_STORE,
  /** What became of a split or shard is written under its temporary name. */
  BUILD_BEFORE_OUTCOME_RENAME,
  /** A builder of the cluster has built a shard's file and is about to say so. */
  BUILD_BEFORE_SHARD_FINISH,
  /** All pages of a shard file are written; nothing is forced. */
  SEAL_BEFORE_FORCE,
  /** A shard file is forced under its temporary name. */
  SEAL_BEFORE_RENAME,
  /** A shard file has its name; its directory is not forced. */
  SEAL_AFTER_RENAME,
  /** The leader is about to seal a version that builders share. */
  SEAL_BEFORE_PROPOSE,
  /** A voter is about to apply the entry that seals a version. */
  SEAL_BEFORE_APPLY,
  /** A proved piece is about to be written. */
  SHIP_BEFORE_PIECE,
  /** A piece is written; its sender does not know yet. */
  SHIP_AFTER_PIECE,
  /** All pieces of a file are there; nothing is forced. */
  SHIP_BEFORE_FORCE,
  /** The part is forced; its list of pieces is about to be written. */
  SHIP_BEFORE_LIST,
  /** The list of pieces is published; the part is about to get the file's name. */
  SHIP_BEFORE_RENAME,
  /** The file has its name, durably; the metadata does not know. */
  SHIP_AFTER_RENAME,
  /** A file that was built here is about to be moved to where it is served from. */
  SHIP_BEFORE_TAKE,
  /** It is moved; its list of pieces is about to be written. */
  SHIP_AFTER_TAKE,
  /** A node is about to tell the metadata which files it holds. */
  SHIP_BEFORE_REPORT,
  /** Any file of a node has a new name; its directory is not forced. */
  FILE_AFTER_RENAME,
  /** A node is about to register, or to form its cluster. */
  REGISTER_BEFORE_PROPOSE,
  /** A node has heard that it is registered. */
  REGISTER_AFTER_APPLY,
  /** A file that is here is about to be proved by its digests. */
  LOAD_BEFORE_VERIFY,
  /** A proved file is about to be opened. */
  LOAD_BEFORE_OPEN,
  /** An open file is about to be probed. */
  LOAD_BEFORE_PROBE,
  /** A node is about to tell the metadata that it can serve shards. */
  LOAD_BEFORE_READY,
  /** The leader is about to move a version on to LOADING or READY. */
  LOAD_BEFORE_ADVANCE,
  /** The leader is about to activate a version that is ready. */
  ACTIVATE_BEFORE_PROPOSE,
  /** A voter is about to apply the entry that activates a version. */
  ACTIVATE_BEFORE_APPLY,
  /** A node is about to show another picture to its readers. */
  ACTIVATE_BEFORE_SHOW,
  /** A voter is about to apply the entry that rolls a table back. */
  ROLLBACK_BEFORE_APPLY,
  /** A voter has applied it; nobody has been told. */
  ROLLBACK_AFTER_APPLY,
  /** The leader is about to drop a version that is no longer kept. */
  COLLECT_BEFORE_PROPOSE,
  /** A node is about to delete a file that nothing refers to. */
  COLLECT_BEFORE_DELETE,
  /** The file is deleted, its list of pieces is not. */
  COLLECT_AFTER_DELETE,
  /** Files are gone; the metadata does not know. */
  COLLECT_BEFORE_REPORT,
  /** A voter is about to write a snapshot of the metadata. */
  SNAPSHOT_BEFORE_WRITE,
  /** The snapshot is forced under its temporary name. */
  SNAPSHOT_BEFORE_RENAME,
  /** The snapshot has its name; its directory is not forced. */
  SNAPSHOT_AFTER_RENAME,
  /** Older snapshots are about to be deleted. */
  SNAPSHOT_BEFORE_PURGE,
  /** A snapshot that the leader sent is about to be loaded. */
  SNAPSHOT_BEFORE_INSTALL,
  /** A node is about to keep the metadata that it knows in metadata.snapshot. */
  SNAPSHOT_BEFORE_KEEP,
  /** A node is about to merge the chain of a shard. */
  MERGE_BEFORE_BUILD,
  /** The merged file is sealed; its list of pieces is about to be written. */
  MERGE_BEFORE_ADOPT,
  /** The merged file is here; the metadata does not know. */
  MERGE_BEFORE_REGISTER,
  /** The leader is about to let merged files stand in for their ancestors. */
  MERGE_BEFORE_COMPLETE,
  /** The leader is about to put a version on trial. */
  CANARY_BEFORE_START,
  /** The leader is about to tell what it has heard of the reads of a trial. */
  CANARY_BEFORE_REPORT;

  private static final boolean IS_ARMED =
      System.getProperty(Armed.ORDERS) != null || System.getProperty(Armed.REPORT) != null;

  /** As the property and docs/failpoints.md call it: {@code ship.before-rename}. */
  public String pointName() {
    String words = name().toLowerCase(Locale.ROOT).replace('_', '-');
    return words.replaceFirst("-", ".");
  }

  /** What it is a point of: {@code ship}. */
  public String stage() {
    return pointName().substring(0, pointName().indexOf('.'));
  }

  /**
   * Does what is ordered for this point, which is nothing as a rule.
   *
   * @throws io.featurekv.model.FeatureKvException INTERNAL where it is ordered to fail
   */
  public void hit() {
    if (IS_ARMED) {
      Armed.PROCESS.hit(this);
    }
  }

  /** {@link #hit} where the disk is written: ordered to fail, it fails as the disk would. */
  public void hitWriting() throws IOException {
    if (IS_ARMED) {
      Armed.PROCESS.hitWriting(this);
    }
  }
}
