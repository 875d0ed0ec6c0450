package io.featurekv.cli.option;

import io.featurekv.cli.terminal.OutputFormat;
import io.featurekv.model.Endpoint;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options that every command takes, before or after its name. */
public final class GlobalOptions {
  /** Where a node listens unless it is told otherwise. */
  public static final String DEFAULT_ENDPOINT = "127.0.0.1:7400";

  @Option(
      names = "--endpoint",
      scope = ScopeType.INHERIT,
      split = ",",
      paramLabel = "H:P",
      defaultValue = DEFAULT_ENDPOINT,
      order = 900,
      description = "Nodes to talk to, the first that answers (default: ${DEFAULT-VALUE}).")
  private List<Endpoint> endpoints = List.of();

  @Option(
      names = {"-o", "--output"},
      scope = ScopeType.INHERIT,
      paramLabel = "table|json|jsonl",
      order = 901,
      description = "Shape of the result on standard output (default: table).")
  private OutputFormat format = OutputFormat.TABLE;

  @Option(
      names = "--timeout",
      scope = ScopeType.INHERIT,
      paramLabel = "DURATION",
      order = 902,
      description = "Longest wait, like 500ms, 30s or 10m (default: depends on the command).")
  private @Nullable Duration timeout;

  @Option(
      names = {"-h", "--help"},
      scope = ScopeType.INHERIT,
      usageHelp = true,
      order = 903,
      description = "Show this help and exit.")
  private boolean help;

  /** The nodes to talk to, in the order given. */
  public List<Endpoint> endpoints() {
    return List.copyOf(endpoints);
  }

  /** The shape of the result. */
  public OutputFormat format() {
    return format;
  }

  /** The bound that was asked for, if any. */
  public @Nullable Duration timeout() {
    return timeout;
  }

  /** Whether only the help is wanted. */
  public boolean help() {
    return help;
  }
}
