package io.featurekv.node.serving;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowSchema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A table as reads see it.
 *
 * @param activeVersion what reads see here that name no version: the active one, or the one on
 *     trial in this node's sect; 0 while there is none
 * @param active the version of that number; null while there is none, or it is not readable here
 * @param schema the columns of its rows; null: values are bytes
 */
public record ServedTable(
    String name,
    long activeVersion,
    @Nullable ServedVersion active,
    Map<Long, ServedVersion> versions,
    @Nullable RowSchema schema) {
  public ServedTable {
    versions = Map.copyOf(versions);
  }

  /** Of these versions, whose values are bytes. */
  public static ServedTable of(String name, long activeVersion, Map<Long, ServedVersion> versions) {
    return of(name, activeVersion, versions, null);
  }

  /** Of these versions. */
  public static ServedTable of(
      String name,
      long activeVersion,
      Map<Long, ServedVersion> versions,
      @Nullable RowSchema schema) {
    return new ServedTable(name, activeVersion, versions.get(activeVersion), versions, schema);
  }

  /** The version of a number, or null. */
  public @Nullable ServedVersion version(long number) {
    return number == activeVersion ? active : versions.get(number);
  }

  /**
   * The version that a read means.
   *
   * @param number 0: the active one
   * @throws FeatureKvException NOT_FOUND without an active version, VERSION_NOT_SERVED where this
   *     node does not have it
   */
  public ServedVersion versionFor(long number) {
    long wanted = number == 0 ? activeVersion : number;
    if (wanted == 0) {
      throw new FeatureKvException(
          ErrorCode.NOT_FOUND, "table '" + name + "' has no active version yet");
    }
    ServedVersion version = version(wanted);
    if (version == null) {
      throw new FeatureKvException(
          ErrorCode.VERSION_NOT_SERVED,
          "version " + wanted + " of table '" + name + "' is not served by this node");
    }
    return version;
  }
}
