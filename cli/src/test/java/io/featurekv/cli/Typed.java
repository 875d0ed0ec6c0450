package io.featurekv.cli;

import io.featurekv.cli.session.Session;
import io.featurekv.cli.terminal.Streams;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import picocli.CommandLine;

/** A command line as somebody typed it, with what came of it. */
record Typed(int exitCode, String out, String err) {
  static Typed run(Map<String, String> environment, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode = FeatureKvCommandLine.run(args, streams(out, err), environment);
    return new Typed(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  static Typed run(String... args) {
    return run(Map.of(), args);
  }

  /** The tree of commands, parsed but not run. */
  static CommandLine parse(Map<String, String> environment, String... args) {
    Session session =
        new Session(streams(new ByteArrayOutputStream(), new ByteArrayOutputStream()), environment);
    CommandLine root = FeatureKvCommandLine.create(args, session, new ErrorReporting(session));
    root.parseArgs(args);
    return root;
  }

  private static Streams streams(ByteArrayOutputStream out, ByteArrayOutputStream err) {
    return new Streams(
        new ByteArrayInputStream(new byte[0]),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        false,
        false);
  }
}
