package io.featurekv.cli.table;

import io.featurekv.metadata.Gates;
import io.featurekv.metadata.Share;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every version of a table must pass; one that is not given leaves things as they are. */
final class GateFlags {
  @Option(
      names = "--max-shrink",
      paramLabel = "P%|off",
      converter = ShareLimit.Word.class,
      description = {
        "How much fewer entries and bytes a version may have than the one before it; of an increment, how much it",
        "may delete (50% for a new table)."
      })
  private @Nullable ShareLimit maxShrink;

  @Option(
      names = "--max-growth",
      paramLabel = "P%|off",
      converter = ShareLimit.Word.class,
      description = "How much more it may have (off for a new table).")
  private @Nullable ShareLimit maxGrowth;

  @Option(
      names = "--max-rejected-rows",
      paramLabel = "P%|off",
      converter = ShareLimit.Word.class,
      description =
          "How many of a load's rows may be rejected, whatever its --max-rejected says (off for a new table).")
  private @Nullable ShareLimit maxRejected;

  @Option(
      names = "--max-duplicates",
      paramLabel = "P%|off",
      converter = ShareLimit.Word.class,
      description =
          "How many of a load's rows may have the key of a later row (off for a new table).")
  private @Nullable ShareLimit maxDuplicates;

  /** Whether any of them was given. */
  boolean isEmpty() {
    return maxShrink == null && maxGrowth == null && maxRejected == null && maxDuplicates == null;
  }

  /** These, and {@code base} where they are silent. */
  Gates over(Gates base) {
    return new Gates(
        or(maxShrink, base.maxShrink()),
        or(maxGrowth, base.maxGrowth()),
        or(maxRejected, base.maxRejected()),
        or(maxDuplicates, base.maxDuplicates()));
  }

  private static @Nullable Share or(@Nullable ShareLimit given, @Nullable Share base) {
    return given == null ? base : given.share();
  }
}
