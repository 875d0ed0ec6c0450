package io.featurekv.node.serving;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
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

    /**
     * The table of a name.
     *
     * @throws FeatureKvException NOT_FOUND, or UNAVAILABLE while nothing is known yet
     */
    public ServedTable tableFor(String name) {
      ServedTable table = tables.get(name);
      if (table == null && metadataIndex == 0) {
        throw new FeatureKvException(
            ErrorCode.UNAVAILABLE, "this node starts and does not know the tables yet");
      }
      if (table == null) {
        throw new FeatureKvException(ErrorCode.NOT_FOUND, "no table '" + name + "'");
      }
      return table;
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
