package io.featurekv.cli;

import io.featurekv.cli.terminal.Streams;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The executable's entry. */
public final class Main {
  private static final Logger JDK_LOG = Logger.getLogger("");

  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    // Libraries that log through the JDK speak up when something is wrong, not before.
    JDK_LOG.setLevel(Level.WARNING);
    Streams streams = Streams.standard();
    int exitCode = FeatureKvCommandLine.run(args, streams, System.getenv());
    streams.flush();
    System.exit(exitCode);
  }
}
