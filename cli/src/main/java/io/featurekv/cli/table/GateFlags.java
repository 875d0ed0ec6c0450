package io.featurekv.cli.table;

import io.featurekv.metadata.Gates;
import io.featurekv.metadata.GoldenKey;
import io.featurekv.metadata.Share;
import io.featurekv.model.FeatureKvException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What every version of a table must pass; one that is not given leaves things as they are. */
final class GateFlags {
  @Option(
      names = "--max-shrink",
      paramLabel = "P%|off",
      converter = ShareLimit.Word.class,
      description = {
        "How much fewer entries and bytes a version may have than the one before it; of an increment, how much it",
        "may delete (50%% for a new table)."
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

  @Option(
      names = "--min-overlap",
      paramLabel = "P%|off",
      converter = ShareLimit.Word.class,
      description =
          "How many of a full version's keys must be in the version before it, by a sample of each shard (off for a new table).")
  private @Nullable ShareLimit minOverlap;

  @Option(
      names = "--require-columns",
      paramLabel = "COL",
      split = ",",
      description = "Columns that every input must have; an empty text for none.")
  private @Nullable List<String> requiredColumns;

  @Option(
      names = "--golden",
      paramLabel = "KEY=VALUE",
      description = {
        "A key of which every version must say this; repeat it for more. Takes the place of those that there were; an",
        "empty text for none."
      })
  private @Nullable List<String> golden;

  @Option(
      names = "--golden-file",
      paramLabel = "FILE",
      description = {
        "The same from JSON lines: {\"key\":K,\"value\":V}, {\"key\":K,\"sha256\":HEX} or {\"key\":K,\"absent\":true};",
        "keyBase64 and valueBase64 for bytes."
      })
  private @Nullable Path goldenFile;

  /** Whether any of them was given. */
  boolean isEmpty() {
    return maxShrink == null
        && maxGrowth == null
        && maxRejected == null
        && maxDuplicates == null
        && minOverlap == null
        && requiredColumns == null
        && golden == null
        && goldenFile == null;
  }

  /**
   * These, and {@code base} where they are silent.
   *
   * @throws ParameterException for golden keys that are none
   */
  Gates over(Gates base, CommandLine command) {
    List<GoldenKey> goldenKeys = new ArrayList<>();
    try {
      if (golden != null) {
        golden.stream()
            .filter(pair -> !pair.isEmpty())
            .map(GoldenKeys::ofPair)
            .forEach(goldenKeys::add);
      }
      if (goldenFile != null) {
        goldenKeys.addAll(GoldenKeys.ofFile(goldenFile));
      }
    } catch (FeatureKvException e) {
      throw new ParameterException(command, String.valueOf(e.getMessage()), e);
    }
    return new Gates(
        or(maxShrink, base.maxShrink()),
        or(maxGrowth, base.maxGrowth()),
        or(maxRejected, base.maxRejected()),
        or(maxDuplicates, base.maxDuplicates()),
        or(minOverlap, base.minOverlap()),
        requiredColumns == null
            ? base.requiredColumns()
            : requiredColumns.stream().filter(column -> !column.isEmpty()).toList(),
        golden == null && goldenFile == null ? base.goldenKeys() : goldenKeys);
  }

  private static @Nullable Share or(@Nullable ShareLimit given, @Nullable Share base) {
    return given == null ? base : given.share();
  }
}
