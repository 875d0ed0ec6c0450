package io.featurekv.cli.bench;

import io.featurekv.cli.option.Counts;
import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Examples;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.client.FeatureKvClient;
import io.featurekv.loader.GeneratedEntries;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code featurekv bench read}. */
@Command(
    name = "read",
    header = "Reads batches of generated keys from a table, and measures rate, latency and CPU.",
    description = {
      "The table has the standard data set: load T 'generate:N?version=V', V being the version that the load makes.",
      "With a --rate, batches are due by the clock whatever became of those before, and latency counts from when a batch",
      "was due. With --rate max, each batch waits for room among --in-flight open ones. CPU of the servers is what they",
      "tell under /metrics; that of the client is this process's. features/s counts values found, keys/s all keys.",
      "Exits with 1 when --verify finds a batch mixed or wrong, else with 3 when keys failed."
    })
@Examples({
  "featurekv bench read --table t --entries 10M --rate 500k",
  "featurekv bench read --table t --entries 10M --rate max --distribution zipf:0.99 --absent 0.5",
  "featurekv bench read --table t --entries 10M --rate 100k --batches 10M --verify",
  "featurekv bench read --table t --entries 1M --rate 1M --duration 60s -o json"
})
public final class BenchReadCommand implements Callable<Integer> {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);
  private static final String MAX = "max";
  private static final int IN_FLIGHT_OPEN_LOOP = 256;
  private static final int IN_FLIGHT_CLOSED_LOOP = 4;
  private static final int MAX_CONNECTIONS = 64;
  private static final int MAX_SLOTS = 65_536;

  private final Session session;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--table", required = true, paramLabel = "T", description = "Table to read.")
  private String table = "";

  @Option(
      names = "--entries",
      required = true,
      paramLabel = "N",
      converter = Counts.class,
      description = "How many generated entries the table has; k, M and G are known.")
  private long entries;

  @Option(
      names = "--batch",
      paramLabel = "KEYS",
      defaultValue = "200",
      description = "Keys of a batch (default: ${DEFAULT-VALUE}).")
  private int batch = 200;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "8",
      description = "Connections to each node (default: ${DEFAULT-VALUE}).")
  private int connections = 8;

  @Option(
      names = "--rate",
      paramLabel = "KEYS|max",
      defaultValue = MAX,
      description =
          "Keys a second, by the clock, or as many as come back (default: ${DEFAULT-VALUE}).")
  private String rate = MAX;

  @Option(
      names = "--distribution",
      paramLabel = "uniform|zipf:S",
      defaultValue = "uniform",
      converter = KeyDistribution.Converter.class,
      description = "Which entries are asked for how often (default: ${DEFAULT-VALUE}).")
  private KeyDistribution distribution = new KeyDistribution(0);

  @Option(
      names = "--absent",
      paramLabel = "SHARE",
      defaultValue = "0",
      description = "Share of the keys that are nowhere, 0 to 1 (default: ${DEFAULT-VALUE}).")
  private double absent;

  @Option(
      names = "--duration",
      paramLabel = "DURATION",
      defaultValue = "20s",
      description = "How long to measure (default: ${DEFAULT-VALUE}).")
  private Duration duration = Duration.ofSeconds(20);

  @Option(
      names = "--batches",
      paramLabel = "N",
      defaultValue = "0",
      converter = Counts.class,
      description = "Measures so many batches, however long that takes, instead of --duration.")
  private long batches;

  @Option(
      names = "--warmup",
      paramLabel = "DURATION",
      defaultValue = "3s",
      description = "How long the same load runs before that counts (default: ${DEFAULT-VALUE}).")
  private Duration warmup = Duration.ofSeconds(3);

  @Option(
      names = "--verify",
      description =
          "Checks every answer, and every value against the version that its reply names.")
  private boolean isVerifying;

  @Option(
      names = "--value-bytes",
      paramLabel = "BYTES",
      defaultValue = "100",
      description = "Length of the values, for --verify (default: ${DEFAULT-VALUE}).")
  private int valueBytes = GeneratedEntries.DEFAULT_VALUE_BYTES;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Most open batches of a connection (default: 4 with --rate max, else 256; then sending waits).")
  private int inFlight;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Threads that draw keys and send (default: ${DEFAULT-VALUE}).")
  private int threads = 1;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the keys drawn (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  BenchReadCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    ReadPlan plan = plan();
    Machine machine = Machine.describe();
    Duration timeout = session.timeoutOr(DEFAULT_TIMEOUT);
    ServerCpu servers = new ServerCpu(servingNodes());
    try (BatchSource source =
        ClientReads.connect(
            session.global().endpoints(), timeout, connections, table, plan.expected())) {
      ReadReport report =
          ReadRun.run(plan, source, servers, timeout, new ReadProgress(session, batch));
      session.show(new ReadReportView(report, machine));
      if (report.incorrect() > 0) {
        return ExitCode.FAILED;
      }
      return report.failed() > 0 ? ExitCode.PARTLY_DONE : ExitCode.DONE;
    }
  }

  private List<NodeRecord> servingNodes() {
    try (Cluster cluster = session.connect()) {
      TableRecord record = cluster.table(table);
      if (record.activeVersion() == 0) {
        throw new FeatureKvException(
            ErrorCode.NOT_FOUND, "table " + table + " has no active version");
      }
      return cluster.metadata().nodes().values().stream().filter(NodeRecord::serves).toList();
    }
  }

  private ReadPlan plan() {
    within("--entries", entries, 1, GeneratedEntries.FIRST_ABSENT);
    within("--batch", batch, 1, FeatureKvClient.MAX_KEYS);
    within("--connections", connections, 1, MAX_CONNECTIONS);
    within("--threads", threads, 1, MAX_CONNECTIONS);
    boolean isOpen = !rate.equals(MAX);
    long keysPerSecond = isOpen ? Counts.parse(rate) : 0;
    if (isOpen) {
      within("--rate", keysPerSecond, 1, Integer.MAX_VALUE);
    }
    int open = inFlight == 0 ? isOpen ? IN_FLIGHT_OPEN_LOOP : IN_FLIGHT_CLOSED_LOOP : inFlight;
    within("--in-flight", open, 1, MAX_SLOTS / connections);
    if (!(absent >= 0 && absent <= 1)) {
      throw usage("--absent", "0 to 1", Double.toString(absent));
    }
    return new ReadPlan(
        table,
        entries,
        batch,
        connections,
        keysPerSecond,
        open,
        distribution,
        absent,
        warmup.toNanos(),
        duration.toNanos(),
        batches,
        threads,
        seed,
        isVerifying ? new StandardSet(valueBytes) : null);
  }

  private void within(String option, long given, long least, long most) {
    if (given < least || given > most) {
      throw usage(option, least + " to " + most, Long.toString(given));
    }
  }

  private ParameterException usage(String option, String expected, String found) {
    return new ParameterException(
        spec.commandLine(), option + ": expected " + expected + ", found " + found);
  }
}
