package io.featurekv.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where a command reads and writes: data to {@code out}, everything else to {@code err}, both in
 * UTF-8.
 *
 * @param outIsTerminal whether a person sees {@code out}
 * @param errIsTerminal whether a person sees {@code err}
 */
public record Streams(
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean outIsTerminal,
    boolean errIsTerminal) {
  /** The process's own streams; {@code out} is buffered, so {@link #flush()} before the end. */
  public static Streams standard() {
    PrintStream out =
        new PrintStream(
            new java.io.BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16),
            false,
            StandardCharsets.UTF_8);
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    return new Streams(
        System.in,
        out,
        err,
        Boolean.getBoolean("featurekv.stdout.terminal"),
        Boolean.getBoolean("featurekv.stderr.terminal"));
  }

  /** A line for a person, on {@code err}; data that was written before comes first. */
  public void message(String line) {
    out.flush();
    err.println(line);
  }

  /** Hands on what is buffered. */
  public void flush() {
    out.flush();
    err.flush();
  }
}
