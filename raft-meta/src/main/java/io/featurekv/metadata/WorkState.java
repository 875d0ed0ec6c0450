package io.featurekv.metadata;

/** Where one unit of a cluster build is. */
public enum WorkState {
  /** Nobody works on it. */
  PENDING,
  /** One builder works on it, or two do where the first is slow. */
  LEASED,
  /** A builder has its result. */
  DONE,
  /** Given up; the task is FAILED for it. */
  FAILED
}
