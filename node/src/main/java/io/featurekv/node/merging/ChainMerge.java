package io.featurekv.node.merging;

import io.featurekv.storage.OpenShardFile;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardBuildOptions;
import io.featurekv.storage.ShardFileSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;

/** Makes one full file of a chain; the contract is that of {@code ShardFiles.merge}. */
@FunctionalInterface
public interface ChainMerge {
  /**
   * Blocks the calling thread until the file is sealed at {@code target}.
   *
   * @param newestFirst open files, the last of them full; the caller keeps them open
   * @param paceBytes is told of the bytes read; may wait, or throw in order to end the merge
   * @throws io.featurekv.model.FeatureKvException CORRUPT, NO_SPACE, INTERNAL
   */
  SealedShardFile merge(
      List<OpenShardFile> newestFirst,
      Path target,
      ShardFileSpec spec,
      ShardBuildOptions options,
      long dropExpiredBeforeSeconds,
      IntConsumer paceBytes);
}
