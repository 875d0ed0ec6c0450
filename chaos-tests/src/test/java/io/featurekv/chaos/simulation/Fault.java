package io.featurekv.chaos.simulation;

/** What goes wrong in a simulated world. */
enum Fault {
  /** A process is gone, with all that was not on its disk. */
  CRASH,
  /** All processes at once. */
  CRASH_OF_ALL,
  /** A process stands still for a while. */
  PAUSE,
  /** A node neither hears nor is heard. */
  PARTITION,
  /** Only a node's heartbeats get lost. */
  HEARTBEATS_LOST,
  /** Another voter leads. */
  LEADER_CHANGE,
  /** A voter that was deposed decides once more, by what it knew. */
  DEPOSED_LEADER_DECIDES,
  /** A voter applies entries late. */
  VOTER_LAGS,
  /** A voter begins again from a snapshot. */
  SNAPSHOT_RESTORED,
  /** A node begins with metadata from long ago. */
  STALE_METADATA_AT_START,
  /** A proposal does not arrive. */
  PROPOSAL_LOST,
  /** A proposal arrives long after its proposer gave up on it. */
  PROPOSAL_DELAYED,
  /** A proposal is put into the log twice. */
  PROPOSAL_DOUBLED,
  /** A proposal takes effect and nobody is told. */
  REPLY_LOST,
  /** A wall clock is off by up to a day. */
  CLOCK_OFF,
  /** A day goes by at once. */
  DAY_PASSES,
  /** A disk takes no more files. */
  DISK_FULL,
  /** A file at rest is no longer what it was. */
  FILE_DAMAGED,
  /** A file at rest is gone after a restart. */
  FILE_GONE,
  /** Pieces of a file do not arrive. */
  PIECES_LOST,
  /** Bringing a file takes very long. */
  SLOW_FETCH,
  /** The process that loads is gone. */
  LOADER_KILLED,
  /** The process that loads is silent for long. */
  LOADER_SILENT,
  /** A builder does not see the inputs. */
  INPUT_NOT_SEEN,
  /** A builder fails at its work. */
  WORK_FAILED,
  /** A builder does nothing about its work. */
  WORK_STALLED,
  /** What a builder had done is gone. */
  WORK_GONE,
  /** A merge ends without a file. */
  MERGE_FAILED,
  /** A node hears another one's word on a file late. */
  ANSWER_LATE,
  /** A node never comes back. */
  NODE_RETIRED
}
