package io.featurekv.metadata;

/** The life of a version. */
public enum VersionState {
  /** Its files are being built. */
  BUILDING,
  /** Every file is registered and held by as many nodes as sealing asks for. */
  SEALED,
  /** The serving nodes fetch, verify and open it. */
  LOADING,
  /** The sects that the table asks for are complete. */
  READY,
  /** The one that reads without a version see. */
  ACTIVE,
  /** Was active, stays readable, can come back. */
  RETAINED,
  /** Was active and was rolled back from; stays readable, can come back. */
  ROLLED_BACK,
  /** Was not finished; kept for its reason. */
  FAILED,
  /** No longer kept; its files go once nobody can be reading them. */
  DROPPED;

  /** Whether its files must be held and open. */
  public boolean isKept() {
    return this == SEALED
        || this == LOADING
        || this == READY
        || this == ACTIVE
        || this == RETAINED
        || this == ROLLED_BACK;
  }

  /** Whether a version was ready once and is still kept: readers may know of it. */
  public boolean wasReady() {
    return this == READY || this == ACTIVE || this == RETAINED || this == ROLLED_BACK;
  }
}
