package io.featurekv.loader;

/** The build pipeline: source, keys and values, routing, sorting within bounded memory, shard files. */
public final class ShardBuild {
  private ShardBuild() {}

  /**
   * Builds every shard file of a version.
   *
   * @throws io.featurekv.model.FeatureKvException INVALID_ARGUMENT for inputs and options that cannot be right (missing file, column,
   *     format), CONFLICT when too many rows are rejected or the input is empty; the message says how many and shows the first
   */
  public static BuildResult run(BuildSpec spec, BuildProgress progress) {
    throw new AssertionError("stub");
  }

  /** Reads and checks everything, builds nothing; for {@code --dry-run}. The result has no files. */
  public static BuildResult dryRun(BuildSpec spec, BuildProgress progress) {
    throw new AssertionError("stub");
  }

  /** Digest (hex) of everything that decides the entries: for files their absolute names, lengths and times of change, and the spec. */
  public static String inputsDigest(InputSpec input) {
    throw new AssertionError("stub");
  }
}
