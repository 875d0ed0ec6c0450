package io.featurekv.cli;

import io.featurekv.cli.terminal.Streams;

/** The executable's entry. */
public final class Main {
  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    Streams streams = Streams.standard();
    int exitCode = FeatureKvCommandLine.run(args, streams, System.getenv());
    streams.flush();
    System.exit(exitCode);
  }
}
