package io.featurekv.metadata;

import io.featurekv.model.FileManifest;
import org.jspecify.annotations.Nullable;

/**
 * One shard of a cluster build.
 *
 * @param manifest of its file; null until it is built
 * @param figures null until it is built
 */
public record ShardWork(
    WorkRecord work, @Nullable FileManifest manifest, @Nullable ShardFigures figures) {
  static final ShardWork NEW = new ShardWork(WorkRecord.NEW, null, null);

  /** Whether its file was built and is somewhere. */
  public boolean isDone() {
    return work.state() == WorkState.DONE;
  }

  /** In another state, without a file. */
  ShardWork with(WorkRecord newWork) {
    return new ShardWork(newWork, null, null);
  }
}
