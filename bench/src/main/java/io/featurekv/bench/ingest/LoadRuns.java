package io.featurekv.bench.ingest;

import io.featurekv.bench.engine.Directories;
import io.featurekv.bench.server.InputCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Writes input files and builds from them, one after the other, below one directory. Closed by any
 * thread.
 */
public final class LoadRuns implements AutoCloseable {
  private final Path directory;
  private final InputCommand inputs;
  private final OwnLoad own;
  private final PeerProcess peers = new PeerProcess();

  /**
   * @param directory is there
   * @param memory for FeatureKV's loads; empty for their own choice
   * @param isProfiled whether their processes are recorded
   * @param keptRecordings where recordings are copied to; null for nowhere
   */
  public LoadRuns(
      Path directory,
      Path executable,
      String memory,
      boolean isProfiled,
      @Nullable Path keptRecordings) {
    this.directory = directory;
    this.inputs = new InputCommand(executable);
    this.own = new OwnLoad(executable, memory, isProfiled, keptRecordings);
  }

  /** Writes the files of a set; returns where they are. */
  public Path write(DataSet data) throws IOException {
    Path input = directory.resolve("input");
    inputs.write(input, data.entries(), data.valueBytes(), data.format());
    return input;
  }

  /** Builds once from files, and deletes what was built. */
  public Outcome run(DataSet data, Subject subject, Path input) throws IOException {
    Path place = Files.createDirectories(directory.resolve("built"));
    try {
      return switch (subject) {
        case Subject.Own load -> own.run(data, load, input, place);
        case Subject.Held load -> own.run(data, load, input, place);
        case Subject.Peer peer -> peers.run(data, peer, input, place, Directories.diskBytes(input));
      };
    } finally {
      Directories.delete(place);
    }
  }

  @Override
  public void close() {
    inputs.close();
    own.close();
    peers.close();
  }
}
