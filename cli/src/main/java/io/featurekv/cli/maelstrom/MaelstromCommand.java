package io.featurekv.cli.maelstrom;

import io.featurekv.cli.server.Logging;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.metadata.raft.maelstrom.MaelstromNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code featurekv maelstrom}. */
@Command(
    name = "maelstrom",
    header = "Runs a metadata voter that speaks Maelstrom on standard input and output.",
    description = {
      "For tests of linearizability: the voters of one Raft group talk through Maelstrom, or whoever speaks its protocol,",
      "and registers in the metadata are the workload lin-kv. Ends when standard input does."
    })
@Examples({
  "featurekv maelstrom",
  "featurekv maelstrom --data-dir /tmp/voters        what node n0 keeps in /tmp/voters/n0 is there after a restart",
  "maelstrom test -w lin-kv --bin cli/target/featurekv --node-count 3 --nemesis partition -- maelstrom"
})
public final class MaelstromCommand implements Callable<Integer> {
  /** Below the second for which Maelstrom's clients wait at least. */
  private static final Duration ANSWER_WITHIN = Duration.ofMillis(950);

  private static final Duration MIN_ELECTION_TIMEOUT = Duration.ofMillis(50);
  private static final int SNAPSHOT_EVERY_ENTRIES = 1_000;
  private static final String DIRECTORY_PREFIX = "featurekv-maelstrom-";

  private final Session session;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "Each node keeps its files in a directory of its name in it (default: a temporary one).")
  private @Nullable Path directory;

  @Option(
      names = "--election-timeout",
      paramLabel = "DURATION",
      defaultValue = "1s",
      description =
          "A voter stands for election after one to two times this without a word of a leader"
              + " (default: ${DEFAULT-VALUE}).")
  private Duration electionTimeout = Duration.ofSeconds(1);

  @Option(
      names = "--snapshot-every",
      paramLabel = "N",
      defaultValue = "" + SNAPSHOT_EVERY_ENTRIES,
      description = "Log entries between two snapshots (default: ${DEFAULT-VALUE}).")
  private int snapshotEvery = SNAPSHOT_EVERY_ENTRIES;

  @Spec private CommandSpec spec = CommandSpec.create();

  MaelstromCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    if (electionTimeout.compareTo(MIN_ELECTION_TIMEOUT) < 0) {
      throw new ParameterException(
          spec.commandLine(),
          "--election-timeout must be at least "
              + MIN_ELECTION_TIMEOUT.toMillis()
              + "ms, not "
              + electionTimeout.toMillis()
              + "ms");
    }
    if (snapshotEvery < 1) {
      throw new ParameterException(
          spec.commandLine(), "--snapshot-every must be at least 1, not " + snapshotEvery);
    }
    Logging.forServer();
    // Whatever a library says there must not come between the lines of the protocol.
    System.setOut(session.streams().err());
    Path own = directory == null ? Files.createTempDirectory(DIRECTORY_PREFIX) : directory;
    try (LineWriter out = new LineWriter(session.streams().out());
        MaelstromNode node =
            new MaelstromNode(
                new MaelstromNode.Settings(
                    own.toAbsolutePath(),
                    electionTimeout,
                    electionTimeout.multipliedBy(2),
                    session.timeoutOr(ANSWER_WITHIN),
                    snapshotEvery),
                out::write)) {
      LineReader in = new LineReader(session.streams().in());
      for (String line = in.next(); line != null; line = in.next()) {
        node.receive(line);
      }
    } finally {
      if (directory == null) {
        delete(own);
      }
    }
    return ExitCode.DONE;
  }

  private static void delete(Path directory) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(directory)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.deleteIfExists(path);
    }
  }
}
