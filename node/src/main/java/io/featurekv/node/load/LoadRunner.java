package io.featurekv.node.load;

import io.featurekv.loader.BuildProgress;
import io.featurekv.node.admin.ClusterAdmin;

/** Runs one batch write in this process against a cluster. */
public final class LoadRunner {
  private LoadRunner() {}

  /**
   * Begins (or goes on with) the task, builds, ships, seals, waits. Stages "read", "sort", "build", "ship", "load".
   *
   * @return the report of a load whose version is served (ACTIVE) or complete and waiting (READY)
   * @throws io.featurekv.model.FeatureKvException with the reason; the task is FAILED then, unless the cluster cannot be reached
   */
  public static LoadReport run(ClusterAdmin admin, LoadRequest request, BuildProgress progress) {
    throw new AssertionError("stub");
  }
}
