package io.featurekv.cli.session;

import io.featurekv.cli.option.GlobalOptions;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.OutputFormat;
import io.featurekv.cli.terminal.Streams;
import io.featurekv.cli.view.View;
import io.featurekv.node.admin.ClusterAdmin;
import io.featurekv.node.admin.ClusterAdmin.MetadataView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;

/**
 * What every command has at hand: the streams, the environment, the global options and ways to the
 * cluster.
 */
public final class Session {
  /** How long a call to the cluster may take unless {@code --timeout} says otherwise. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  private final Streams streams;
  private final Map<String, String> environment;
  private final GlobalOptions global = new GlobalOptions();

  /** A session whose global options are filled by parsing. */
  public Session(Streams streams, Map<String, String> environment) {
    this.streams = streams;
    this.environment = Map.copyOf(environment);
  }

  /** Whether FEATUREKV_DEBUG asks for stack traces. */
  public boolean debug() {
    String debug = environment.getOrDefault("FEATUREKV_DEBUG", "");
    return !debug.isEmpty() && !debug.equals("0");
  }

  public Streams streams() {
    return streams;
  }

  public Map<String, String> environment() {
    return environment;
  }

  public GlobalOptions global() {
    return global;
  }

  /** The {@code --timeout}, or the command's own default. */
  public Duration timeoutOr(Duration fallback) {
    Duration timeout = global.timeout();
    return timeout == null ? fallback : timeout;
  }

  /**
   * The cluster behind {@code --endpoint}, as it is now. Says so on standard error when no leader
   * can be reached and the state may be old.
   */
  public Cluster connect() {
    return connect(timeoutOr(DEFAULT_TIMEOUT));
  }

  /** {@link #connect()} with a bound of the command's own on each call. */
  public Cluster connect(Duration callTimeout) {
    ClusterAdmin admin = ClusterAdmin.connect(global.endpoints(), callTimeout);
    try {
      MetadataView view = admin.read();
      if (!view.fresh()) {
        message(
            "featurekv: no metadata leader can be reached; this is what node "
                + view.nodeId()
                + " last knew");
      }
      return new Cluster(admin, view);
    } catch (RuntimeException e) {
      admin.close();
      throw e;
    }
  }

  /** Writes a result to standard output in the format asked for. */
  public void show(View view) {
    switch (global.format()) {
      case TABLE -> view.writeText(streams.out());
      case JSON -> writeJson(view::writeJson);
      case JSONL -> {
        for (Json.Body line : view.jsonLines()) {
          writeJson(line);
        }
      }
    }
    streams.out().flush();
  }

  /** Writes a result for a script that asked for JSON; a person has had a message instead. */
  public void showJson(View view) {
    if (global.format() != OutputFormat.TABLE) {
      show(view);
    }
  }

  /** A line for a person, on standard error. */
  public void message(String line) {
    streams.message(line);
  }

  private void writeJson(Json.Body body) {
    try {
      Json.writeLine(streams.out(), body);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the result: " + e.getMessage(), e);
    }
  }
}
