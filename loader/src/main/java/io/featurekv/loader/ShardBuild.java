package io.featurekv.loader;

import io.featurekv.storage.EntryOrder;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The build pipeline: source, keys and values, routing, sorting within bounded memory, shard files.
 */
public final class ShardBuild {
  private ShardBuild() {}

  /**
   * Builds every shard file of a version, at {@code <directory>/<shard>.mdb}. When it fails it
   * leaves no file of its own but the one for rejected rows.
   *
   * @throws io.featurekv.model.FeatureKvException INVALID_ARGUMENT for inputs and options that
   *     cannot be right (missing file, column, format), CONFLICT when too many rows are rejected or
   *     the input is empty (the message says how many and shows the first), TRY_AGAIN when
   *     cancelled, NO_SPACE when the disk is full
   */
  public static BuildResult run(BuildSpec spec, BuildProgress progress) {
    return run(spec, progress, ports(spec, WriterFactory.REAL));
  }

  private static BuildPorts ports(BuildSpec spec, @Nullable WriterFactory writers) {
    return new BuildPorts(System.in, writers, EntryOrder.of(spec.kind()), InstantSource.system());
  }

  static BuildResult run(BuildSpec spec, BuildProgress progress, BuildPorts ports) {
    return new BuildRun(spec, progress, ports).run();
  }

  /**
   * Reads and checks everything, builds nothing; for {@code --dry-run}. The result has no files.
   * Fails as {@link #run} does.
   */
  public static BuildResult dryRun(BuildSpec spec, BuildProgress progress) {
    return run(spec, progress, ports(spec, null));
  }

  /**
   * Digest (hex) of everything that decides the entries: for files their absolute names, lengths
   * and times of change, for a generated data set its address, for standard input a random value,
   * and the spec.
   *
   * @throws io.featurekv.model.FeatureKvException INVALID_ARGUMENT as {@link #run}, where the
   *     inputs cannot be found
   */
  public static String inputsDigest(InputSpec input) {
    return InputDigest.of(input, BuildInputs.find(input));
  }
}
