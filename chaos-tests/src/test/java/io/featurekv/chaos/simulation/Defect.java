package io.featurekv.chaos.simulation;

/**
 * Something wrong that is planted, to show that the simulation finds it. None of it is in the
 * product: each changes what goes between its decisions and the simulated world.
 */
enum Defect {
  /** Nodes close and delete what is no longer kept at once, whoever has pinned it. */
  COLLECTOR_IGNORES_PINS("I6"),
  /** The leader drops a version that has to be retained. */
  COLLECTOR_DROPS_RETAINED("I6"),
  /** The leader takes a version for ready as soon as it is sealed. */
  ACTIVATION_WITHOUT_READINESS("I10"),
  /** The leader activates again what was rolled back. */
  ROLLBACK_IS_UNDONE("I1"),
  /** A snapshot is without the operation ids. */
  SNAPSHOT_FORGETS_OPERATIONS("I7"),
  /** A snapshot says one index more than it has. */
  SNAPSHOT_SKIPS_AN_ENTRY("I7"),
  /** One voter applies an entry twice. */
  ENTRY_APPLIED_TWICE("I7"),
  /** A retry comes under another operation id. */
  RETRY_UNDER_A_NEW_ID("I9"),
  /** One voter applies entries by its own clock. */
  APPLIED_BY_LOCAL_CLOCK("I7"),
  /** A node takes what is on its disk for proved. */
  FILE_OPENED_UNPROVED("I4"),
  /** A node says that it is ready when it only has the file. */
  READY_BEFORE_OPEN("I10"),
  /** A node that another one could do instead of deletes its files, whoever else has them. */
  COLLECTOR_DELETES_LAST_COPY("I6"),
  /** A node that joins moves shards of others. */
  PLACEMENT_MOVES_TOO_MUCH("placement"),
  /** A node answers from the version before the one that it names. */
  READ_OF_ANOTHER_VERSION("I2"),
  /** A node serves a chain without the newest increment. */
  CHAIN_WITHOUT_INCREMENT("I2");

  private final String invariant;

  Defect(String invariant) {
    this.invariant = invariant;
  }

  /** Which invariant it breaks. */
  String invariant() {
    return invariant;
  }
}
