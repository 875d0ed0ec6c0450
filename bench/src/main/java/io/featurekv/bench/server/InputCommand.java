package io.featurekv.bench.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Writes the standard data set to files, by the executable. Closed by any thread. */
public final class InputCommand implements AutoCloseable {
  private final ExecutableCommands commands;

  public InputCommand(Path executable) {
    this.commands = new ExecutableCommands(executable);
  }

  /** Writes files to a directory that is not there, with the values of version 1. */
  public void write(Path directory, int entries, int valueBytes, String format) throws IOException {
    var _ =
        commands.run(
            List.of(
                "bench",
                "load",
                "--input-only",
                "--input-dir",
                directory.toString(),
                "--entries",
                Integer.toString(entries),
                "--value-bytes",
                Integer.toString(valueBytes),
                "--source",
                format));
  }

  @Override
  public void close() {
    commands.close();
  }
}
