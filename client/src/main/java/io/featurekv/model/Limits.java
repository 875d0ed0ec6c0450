package io.featurekv.model;

/** Bounds that every part of the system keeps. */
public final class Limits {
  /** Longest key; the shortest is 1 byte. */
  public static final int MAX_KEY_BYTES = 500;

  /** Longest value that any table may allow. */
  public static final int MAX_VALUE_BYTES = 64 << 20;

  /** Longest value unless the table says otherwise. */
  public static final int DEFAULT_MAX_VALUE_BYTES = 1 << 20;

  /** Most keys in one BatchGet frame. */
  public static final int MAX_BATCH_KEYS = 10_000;

  /** Longest frame a server accepts; a piece of {@link PieceList#PIECE_BYTES} fits. */
  public static final int MAX_REQUEST_FRAME_BYTES = 8 << 20;

  /** Longest frame a client accepts: one value of the largest size and its surroundings. */
  public static final int MAX_REPLY_FRAME_BYTES = MAX_VALUE_BYTES + (1 << 20);

  /**
   * A reply stops taking further values beyond this size; the rest is marked DEFERRED and asked for
   * again.
   */
  public static final int REPLY_SOFT_LIMIT_BYTES = 16 << 20;

  /** Most shards of one table. */
  public static final int MAX_SHARDS = 4096;

  /** Most entries of one block of a {@code blk} table. */
  public static final int MAX_BLOCK_ENTRIES = 1024;

  /** Entries of a block unless the table says otherwise. */
  public static final int DEFAULT_BLOCK_ENTRIES = 8;

  /** Longest chain of increments on a full version. */
  public static final int MAX_CHAIN_FILES = 64;

  private Limits() {}
}
