package io.featurekv.storage;

import io.featurekv.model.TableKind;

/** The order in which a {@link ShardWriter} takes its entries; each key comes once. */
public enum EntryOrder {
  /** Keys ascend by unsigned bytes, a proper prefix before what it begins. */
  BY_KEY,
  /** {@link io.featurekv.model.KeyHash} ascends as an unsigned number; equal ones BY_KEY. */
  BY_HASH;

  /** What the writer of a kind of table expects. */
  public static EntryOrder of(TableKind kind) {
    return switch (kind) {
      case MEM -> BY_HASH;
      case IDX, BLK -> BY_KEY;
    };
  }
}
