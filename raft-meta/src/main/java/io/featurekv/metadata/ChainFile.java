package io.featurekv.metadata;

import io.featurekv.model.FileManifest;
import io.featurekv.model.UpdateMode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One file of the chain of a shard.
 *
 * @param version whose file it is
 * @param merged whether it is the version's merged file, the last of its chain, instead of the
 *     version's own
 */
public record ChainFile(VersionRecord version, int shard, boolean merged) {
  /** Full for a merged file, the version's mode for its own. */
  public UpdateMode mode() {
    return merged ? UpdateMode.FULL : version.mode();
  }

  /** What the file must be; null until it is known. */
  public @Nullable FileManifest manifest() {
    ShardRecord record = version.shards().get(shard);
    MergedFile file = record.merged();
    return merged && file != null ? file.manifest() : record.manifest();
  }

  /** Node ids that have it on disk. */
  public Set<String> holders() {
    ShardRecord record = version.shards().get(shard);
    MergedFile file = record.merged();
    return merged && file != null ? file.holders() : record.holders().keySet();
  }
}
