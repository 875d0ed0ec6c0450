package io.featurekv.cli.load;

import io.featurekv.cli.option.TextEncodingWord;
import io.featurekv.loader.InputSpec;
import io.featurekv.loader.source.FilesProvider;
import io.featurekv.loader.source.Inputs;
import io.featurekv.metadata.CanaryPlan;
import io.featurekv.metadata.Gate;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowType;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.load.LoadRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * The options of {@code featurekv load} that say what to read and how, and the request that they
 * describe.
 */
final class LoadOptions {
  private static final Duration DEFAULT_BAKE = Duration.ofMinutes(10);

  enum Format {
    AUTO,
    CSV,
    TSV,
    JSONL,
    PARQUET
  }

  enum Mode {
    FULL,
    INCREMENTAL
  }

  enum Duplicates {
    LAST,
    ERROR
  }

  enum Verify {
    DIGEST,
    FULL
  }

  enum ValueFormat {
    JSON,
    RAW,
    ROW
  }

  @Option(
      names = "--files",
      paramLabel = "DIR",
      description = {
        "Instead of INPUT: each file below DIR is an entry. Its key is the path below DIR, with",
        "slashes; its value is what is in it."
      })
  private String filesDirectory = "";

  @Option(
      names = "--format",
      paramLabel = "auto|csv|tsv|jsonl|parquet",
      defaultValue = "auto",
      description = "Format of the inputs (default: by their names).")
  private Format format = Format.AUTO;

  @Option(
      names = "--key",
      paramLabel = "COL",
      split = ",",
      description = "Key column; several are joined with --key-separator.")
  private List<String> keyColumns = List.of();

  @Option(
      names = "--key-separator",
      paramLabel = "TEXT",
      defaultValue = ":",
      description = "Between the key columns (default: ${DEFAULT-VALUE}).")
  private String keySeparator = ":";

  @Option(
      names = "--value",
      paramLabel = "COL",
      description = "The column whose bytes are the value (default: all columns).")
  private String valueColumn = "";

  @Option(
      names = "--value-format",
      paramLabel = "json|raw|row",
      description = {
        "json: the columns but the key's as a JSON object. raw: the bytes of --value. row: a typed row of the table's",
        "columns, matched by name (default: raw with --value, row for a table with columns, else json)."
      })
  private @Nullable ValueFormat valueFormat;

  @Option(
      names = "--types",
      paramLabel = "COL:TYPE",
      split = ",",
      description = {
        "Types of CSV and TSV columns: string, int64, double, float, bool, bytes or list<float> (default: those of the",
        "table's columns, else string). With --create and --value-format row: the columns of the new table."
      })
  private List<String> types = List.of();

  @Option(
      names = "--key-encoding",
      paramLabel = "utf8|hex|base64",
      defaultValue = "utf8",
      converter = TextEncodingWord.class,
      description = "How key columns are written (default: ${DEFAULT-VALUE}).")
  private String keyEncoding = "utf8";

  @Option(
      names = "--value-encoding",
      paramLabel = "utf8|hex|base64",
      defaultValue = "utf8",
      converter = TextEncodingWord.class,
      description =
          "How the column of --value, or columns of bytes in rows, are written (default: ${DEFAULT-VALUE}).")
  private String valueEncoding = "utf8";

  @Option(
      names = "--mode",
      paramLabel = "full|incremental",
      defaultValue = "full",
      description =
          "full: the whole table. incremental: entries to replace, add or delete (default: ${DEFAULT-VALUE}).")
  private Mode mode = Mode.FULL;

  @Option(
      names = "--delete-column",
      paramLabel = "COL",
      description = {
        "Rows in which it says true, t, yes, y or 1 delete their key. With false, f, no, n, 0, nothing or null they do",
        "not; a row that says anything else is rejected."
      })
  private String deleteColumn = "";

  @Option(
      names = "--expires-column",
      paramLabel = "COL",
      description = {
        "When the row's entry is to read absent: seconds or milliseconds since 1970, or an instant",
        "like 2030-01-31T12:00:00Z; empty for what the table's --entry-ttl says."
      })
  private String expiresColumn = "";

  @Option(
      names = "--duplicates",
      paramLabel = "last|error",
      defaultValue = "last",
      description =
          "Of rows with the same key, the last counts, or all others are rejected (default: ${DEFAULT-VALUE}).")
  private Duplicates duplicates = Duplicates.LAST;

  @Option(
      names = "--max-rejected",
      paramLabel = "N|P%",
      defaultValue = "0",
      converter = RejectLimit.Word.class,
      description = "Rejected rows to let pass (default: ${DEFAULT-VALUE}).")
  private RejectLimit maxRejected = RejectLimit.NONE;

  @Option(
      names = "--rejects",
      paramLabel = "FILE",
      description = "Where rejected rows go, as JSON lines.")
  private @Nullable Path rejectsFile;

  @Option(names = "--allow-empty", description = "Takes inputs without a single entry.")
  private boolean allowsEmpty;

  @Option(
      names = "--allow-incomplete",
      description = "Takes a directory that Spark left without _SUCCESS.")
  private boolean allowsIncomplete;

  @Option(
      names = "--ignore-gates",
      paramLabel = "GATE",
      split = ",",
      converter = GateWord.class,
      description =
          "Gates of the table that this version need not pass: empty, shrink, growth, rejected, duplicates, columns, golden, overlap.")
  private List<Gate> ignoredGates = List.of();

  @Option(
      names = "--no-activate",
      description = "Leaves the version READY, for 'featurekv version activate'.")
  private boolean staysInactive;

  @Option(
      names = "--canary",
      paramLabel = "SECT",
      description = {
        "Sect whose reads see the version first, while all others stay with the active one. It goes on to all when it",
        "has baked, and back when too many of its reads fail; see docs/canary.md."
      })
  private String canarySect = "";

  @Option(
      names = "--bake",
      paramLabel = "DURATION",
      description = "How long --canary lasts (default: 10m, at most 7d).")
  private @Nullable Duration bake;

  @Option(
      names = "--operation-id",
      paramLabel = "ID",
      description =
          "Makes a repeated load return the first one's result, and an interrupted one go on.")
  private String operationId = "";

  @Option(
      names = "--on-cluster",
      description = {
        "The nodes with the duty build do the work, each its share, instead of this machine. All of them have to see the",
        "inputs under the same names, which they check first. The load goes on when this command is interrupted."
      })
  private boolean isOnCluster;

  @Option(
      names = "--verify",
      paramLabel = "digest|full",
      defaultValue = "digest",
      description = {
        "How a node proves a file before it serves it. digest: by the digest of its bytes. full: besides, every entry is",
        "read and their checksum compared with that of the rows that were parsed (default: ${DEFAULT-VALUE})."
      })
  private Verify verify = Verify.DIGEST;

  @Mixin private Workspace workspace = new Workspace();

  /** The inputs that are named, or the files instead. */
  List<String> inputs(CommandLine command, List<String> named) {
    if (named.isEmpty() == filesDirectory.isEmpty()) {
      throw new ParameterException(
          command, "name what to load: either INPUT (files, directories, ...) or --files DIR");
    }
    return named.isEmpty() ? List.of(FilesProvider.SCHEME + filesDirectory) : named;
  }

  /** What to read. */
  InputSpec input(CommandLine command, List<String> inputs) {
    boolean entries = Inputs.giveEntries(inputs);
    if (keyColumns.isEmpty() && !entries) {
      throw new ParameterException(
          command,
          "--key is missing: name the column that holds the key (several: --key A --key B)");
    }
    if (valueFormat == ValueFormat.RAW && valueColumn.isEmpty() && !entries) {
      throw new ParameterException(
          command, "--value-format raw needs --value: the column whose bytes are the value");
    }
    if (valueFormat != null && valueFormat != ValueFormat.RAW && !valueColumn.isEmpty()) {
      throw new ParameterException(
          command,
          "--value takes the bytes of one column; leave it out for "
              + (valueFormat == ValueFormat.JSON ? "JSON" : "rows")
              + " of all of them");
    }
    return new InputSpec(
        inputs,
        format.name().toLowerCase(Locale.ROOT),
        keyColumns,
        keySeparator,
        keyEncoding,
        valueColumn,
        valueEncoding,
        columnTypes(command),
        deleteColumn,
        expiresColumn,
        allowsIncomplete,
        List.of(),
        valueFormat == null ? "" : valueFormat.name().toLowerCase(Locale.ROOT));
  }

  private Map<String, String> columnTypes(CommandLine command) {
    Map<String, String> byColumn = new LinkedHashMap<>();
    for (String pair : types) {
      int colon = pair.lastIndexOf(':');
      String type = pair.substring(colon + 1);
      if (colon <= 0 || !isType(type)) {
        throw new ParameterException(
            command,
            "'"
                + pair
                + "' in --types is not COLUMN:TYPE with a type of string, int64, double, float, bool, bytes or list<float>");
      }
      byColumn.put(pair.substring(0, colon), type);
    }
    return byColumn;
  }

  /** Which sect goes first, if any. */
  private @Nullable CanaryPlan canary(CommandLine command) {
    if (canarySect.isEmpty()) {
      if (bake != null) {
        throw new ParameterException(
            command, "--bake says how long --canary lasts: name the sect too, --canary SECT");
      }
      return null;
    }
    if (staysInactive) {
      throw new ParameterException(
          command,
          "--canary and --no-activate exclude each other: a canary becomes active when it has baked");
    }
    Duration lasts = bake == null ? DEFAULT_BAKE : bake;
    if (lasts.isZero() || lasts.toMillis() > CanaryPlan.MAX_BAKE_MILLIS) {
      throw new ParameterException(command, "--bake is 1ms to 7d, not " + lasts.toMillis() + " ms");
    }
    return new CanaryPlan(canarySect, lasts.toMillis());
  }

  private static boolean isType(String word) {
    return Arrays.stream(RowType.values()).anyMatch(type -> type.word().equals(word));
  }

  /** The columns of a table that is made for this load; none: its values are bytes. */
  List<RowColumn> columnsOfNewTable(CommandLine command) {
    if (valueFormat != ValueFormat.ROW) {
      return List.of();
    }
    if (types.isEmpty()) {
      throw new ParameterException(
          command,
          "a new table with rows needs --types COLUMN:TYPE,... for its columns; or make it with table create --columns");
    }
    return RowColumn.parseAll(types);
  }

  /** The whole load. */
  LoadRequest request(
      CommandLine command, String table, InputSpec input, String words, Duration patience) {
    return new LoadRequest(
        table,
        input,
        words,
        mode(),
        duplicates == Duplicates.LAST,
        maxRejected.value(),
        maxRejected.isPercent(),
        rejectsFile,
        allowsEmpty || ignoredGates.contains(Gate.EMPTY),
        !staysInactive,
        Set.copyOf(ignoredGates),
        operationId,
        workspace.memoryBytes(command),
        workspace.directory(),
        patience,
        isOnCluster,
        verify == Verify.FULL,
        canary(command));
  }

  boolean isOnCluster() {
    return isOnCluster;
  }

  /** Refuses what the builders of the cluster could not do. */
  void checkOnCluster(CommandLine command, List<String> inputs, boolean isDryRun) {
    if (!isOnCluster) {
      return;
    }
    if (isDryRun) {
      throw new ParameterException(command, "--dry-run reads here; leave out --on-cluster");
    }
    if (inputs.contains("-")) {
      throw new ParameterException(
          command,
          "the builders of the cluster cannot read standard input; leave out --on-cluster");
    }
    for (String option : List.of("--rejects", "--memory", "--temp-dir")) {
      if (command.getParseResult().hasMatchedOption(option)) {
        throw new ParameterException(
            command,
            option
                + " is for a load that is built here; the builders have settings of their own, and"
                + " task show tells of the first rejected rows");
      }
    }
  }

  UpdateMode mode() {
    return switch (mode) {
      case FULL -> UpdateMode.FULL;
      case INCREMENTAL -> UpdateMode.INCREMENTAL;
    };
  }
}
