package io.featurekv.node.serving;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A table as reads see it.
 *
 * @param activeVersion 0 while there is none
 */
public record ServedTable(String name, long activeVersion, Map<Long, ServedVersion> versions) {
  public ServedTable {
    versions = Map.copyOf(versions);
  }

  /** The version of a number, or null. */
  public @Nullable ServedVersion version(long number) {
    return versions.get(number);
  }
}
