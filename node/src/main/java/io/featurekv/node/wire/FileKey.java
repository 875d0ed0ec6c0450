package io.featurekv.node.wire;

import io.featurekv.model.ShardFileId;

/**
 * Names one file of a node's disk and of the shipping messages: the file that a builder made of a
 * shard of a version, or the full file that its chain was merged into later.
 */
public record FileKey(ShardFileId id, boolean merged) {
  /** End of the name of a shard file. */
  public static final String FILE_SUFFIX = ".mdb";

  private static final String MERGED_INFIX = ".merged";

  /** The file that the version was sealed with. */
  public static FileKey own(ShardFileId id) {
    return new FileKey(id, false);
  }

  /** The merged file. */
  public static FileKey merged(ShardFileId id) {
    return new FileKey(id, true);
  }

  /** {@code 3.mdb} or {@code 3.merged.mdb}. */
  public String fileName() {
    return id.shard() + (merged ? MERGED_INFIX : "") + FILE_SUFFIX;
  }

  /**
   * Whose file it is, or belongs to, by the names of its directories and its own name, whatever
   * that ends with.
   *
   * @throws RuntimeException for names that are not of that form
   */
  public static FileKey parse(String table, String version, String fileName) {
    int dot = fileName.indexOf('.');
    ShardFileId id =
        new ShardFileId(
            table,
            Long.parseLong(version),
            Integer.parseInt(fileName.substring(0, Math.max(0, dot))));
    return new FileKey(id, fileName.startsWith(MERGED_INFIX + '.', dot));
  }

  /** For messages: {@code prices/7/0} or {@code prices/7/0 (merged)}. */
  @Override
  public String toString() {
    return merged ? id + " (merged)" : id.toString();
  }
}
