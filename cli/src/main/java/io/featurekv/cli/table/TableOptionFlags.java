package io.featurekv.cli.table;

import io.featurekv.cli.option.Sizes;
import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.Gates;
import io.featurekv.metadata.Share;
import io.featurekv.metadata.TableOptions;
import io.featurekv.model.Limits;
import io.featurekv.model.TableKind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * The options of a table as {@code table create} and {@code table alter} take them; one that is not
 * given leaves things as they are.
 */
public final class TableOptionFlags {
  /** What a table gets when nothing is said. */
  public static final TableOptions DEFAULTS =
      new TableOptions(
              8,
              3,
              Duration.ofDays(30).toMillis(),
              Limits.DEFAULT_MAX_VALUE_BYTES,
              new ActivateWhen.Live())
          .withGates(new Gates(Share.parse("50%"), null, null, null));

  @Option(
      names = "--shards",
      paramLabel = "N",
      description = "Shards of the next full version, 1 to 4096 (8 for a new table).")
  private @Nullable Integer shards;

  @Option(
      names = "--retain",
      paramLabel = "N",
      description =
          "Versions besides the active one that stay readable, for rollback (3 for a new table).")
  private @Nullable Integer retain;

  @Option(
      names = "--version-ttl",
      paramLabel = "DURATION",
      description =
          "Age at which a retained version is collected, like 30d; 0s for never (30d for a new table).")
  private @Nullable Duration versionTtl;

  @Option(
      names = "--entry-ttl",
      paramLabel = "DURATION",
      description =
          "Age at which an entry of a later version reads absent, unless its row said when (load --expires-column), like 7d; 0s for never (never for a new table).")
  private @Nullable Duration entryTtl;

  @Option(
      names = "--max-value",
      paramLabel = "SIZE",
      converter = Sizes.class,
      description = "Longest value, like 64k or 1MiB, at most 64MiB (1MiB for a new table).")
  private @Nullable Long maxValue;

  @Option(
      names = "--block-entries",
      paramLabel = "N",
      description =
          "Kind blk: entries of a block, 1 to 1024; more compress better and read slower (8 for a new table).")
  private @Nullable Integer blockEntries;

  @Option(
      names = "--activate-when",
      paramLabel = "live|all|N",
      converter = ActivateWhenWord.class,
      description = {
        "Sects that must be complete before a version becomes active: 'live': at least one, and every one that has",
        "no node down; 'all'; or a number (live for a new table)."
      })
  private @Nullable ActivateWhen activateWhen;

  @Mixin private GateFlags gates = new GateFlags();

  /** Whether any of them was given. */
  boolean isEmpty() {
    return shards == null
        && retain == null
        && versionTtl == null
        && entryTtl == null
        && maxValue == null
        && blockEntries == null
        && activateWhen == null
        && gates.isEmpty();
  }

  /**
   * These options, and {@code base} where they are silent.
   *
   * @throws ParameterException for one that has no meaning for this kind of table
   */
  TableOptions over(TableOptions base, TableKind kind, CommandLine command) {
    if (blockEntries != null && kind != TableKind.BLK) {
      throw new ParameterException(
          command, "--block-entries is for tables of kind blk; this one is " + kind.word());
    }
    return new TableOptions(
        shards == null ? base.shards() : shards,
        retain == null ? base.retain() : retain,
        versionTtl == null ? base.versionTtlMillis() : versionTtl.toMillis(),
        maxValue == null ? base.maxValueBytes() : maxValue,
        activateWhen == null ? base.activateWhen() : activateWhen,
        blockEntries == null ? base.blockEntries() : blockEntries,
        entryTtl == null ? base.entryTtlMillis() : entryTtl.toMillis(),
        gates.over(base.gates(), command));
  }
}
