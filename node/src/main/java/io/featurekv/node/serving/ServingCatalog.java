package io.featurekv.node.serving;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What this node can answer now: one immutable picture, swapped whole. Readers take it once per
 * batch, so that all of a batch sees the same versions; leases on the chains keep what it refers to
 * open.
 */
public final class ServingCatalog {
  /**
   * One picture.
   *
   * @param metadataIndex log index of the metadata it was made from
   */
  public record Picture(long metadataIndex, Map<String, ServedTable> tables) {
    public Picture {
      tables = Map.copyOf(tables);
    }

    /** The table of a name, or null. */
    public @Nullable ServedTable table(String name) {
      return tables.get(name);
    }
  }

  private volatile Picture picture = new Picture(0, Map.of());

  /** The picture of this moment. */
  public Picture current() {
    return picture;
  }

  /** Shows another picture from now on. */
  public void show(Picture next) {
    picture = next;
  }
}
