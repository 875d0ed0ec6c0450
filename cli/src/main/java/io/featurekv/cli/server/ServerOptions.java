package io.featurekv.cli.server;

import io.featurekv.cli.option.ConfigurationException;
import io.featurekv.cli.option.MachineMemory;
import io.featurekv.cli.option.OnOff;
import io.featurekv.cli.option.Sizes;
import io.featurekv.metadata.BuilderCheck;
import io.featurekv.metadata.Duty;
import io.featurekv.model.Endpoint;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableName;
import io.featurekv.node.NodeConfig;
import io.featurekv.node.build.BuildSettings;
import io.featurekv.node.resp.RespConfig;
import io.featurekv.node.resp.RespDatabases;
import io.featurekv.node.server.IoTransport;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code featurekv server}, and the node that they describe. */
public final class ServerOptions {
  static final int DEFAULT_RAFT_PORT = 7401;
  static final int DEFAULT_HTTP_PORT = 7480;
  static final int DEFAULT_RESP_PORT = 7379;

  /** Some wait for the disk while others work. */
  private static final int UNITS_PER_CORE = 2;

  /** What builds take of the memory of the machine. */
  private static final int BUILD_MEMORY_SHARE = 16;

  private static final Set<String> ANY_HOST = Set.of("0.0.0.0", "[::]", "*");

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = "./featurekv-data",
      description = "Where the node keeps everything (default: ${DEFAULT-VALUE}).")
  private Path dataDirectory = Path.of("featurekv-data");

  @Option(
      names = "--raft-dir",
      paramLabel = "DIR",
      description =
          "Where the metadata log is; another disk keeps it safe from a full one (default: raft in --data-dir).")
  private @Nullable Path raftDirectory;

  @Option(
      names = "--node-id",
      paramLabel = "ID",
      description = "Name of this node (default: drawn at the first start).")
  private String nodeId = "";

  @Option(
      names = "--sect",
      paramLabel = "NAME",
      defaultValue = "default",
      description =
          "The complete read replica that this node is a part of (default: ${DEFAULT-VALUE}).")
  private String sect = "default";

  @Option(
      names = "--duties",
      paramLabel = "DUTY",
      split = ",",
      defaultValue = "meta,build,serve",
      description =
          "What this node does: meta votes on metadata, build runs loads, serve answers reads (default: ${DEFAULT-VALUE}).")
  private List<Duty> duties = List.of(Duty.values());

  @Option(
      names = "--voters",
      paramLabel = "1|3|5",
      defaultValue = "3",
      description = "How many metadata voters a new cluster grows to (default: ${DEFAULT-VALUE}).")
  private int voters = 3;

  @Option(
      names = "--join",
      paramLabel = "H:P",
      split = ",",
      description =
          "Nodes of a cluster to join (default: begin a new cluster, if the data directory is empty).")
  private List<Endpoint> join = List.of();

  @Option(
      names = "--listen",
      paramLabel = "H:P",
      defaultValue = "127.0.0.1:7400",
      description = "Address for clients and peers (default: ${DEFAULT-VALUE}).")
  private Endpoint listen = new Endpoint("127.0.0.1", 7400);

  @Option(
      names = "--raft-listen",
      paramLabel = "H:P",
      description = "Address for the metadata group (default: the host of --listen, port 7401).")
  private @Nullable Endpoint raftListen;

  @Option(
      names = "--http-listen",
      paramLabel = "H:P|off",
      description = "Address for metrics and health (default: the host of --listen, port 7480).")
  private @Nullable String httpListen;

  @Option(
      names = "--resp-listen",
      paramLabel = "H:P|on|off",
      description =
          "Address where clients of Redis may read; on: the host of --listen, port 7379 (default: off).")
  private String respListen = "off";

  @Option(
      names = "--resp-databases",
      paramLabel = "N=TABLE",
      split = ",",
      description =
          "Tables that clients of Redis choose with SELECT N (default: none; keys are TABLE/KEY).")
  private Map<Integer, String> respDatabases = Map.of();

  @Option(
      names = "--resp-password-file",
      paramLabel = "FILE",
      description =
          "File whose first line clients of Redis must give with AUTH (default: no password).")
  private @Nullable Path respPasswordFile;

  @Option(
      names = "--transport",
      paramLabel = "auto|epoll|io_uring|nio",
      defaultValue = "auto",
      converter = TransportWord.class,
      description =
          "How the ports talk to the kernel; auto is epoll where it works, else nio (default: ${DEFAULT-VALUE}).")
  private IoTransport transport = IoTransport.NIO;

  @Option(
      names = "--advertise",
      paramLabel = "H[:P]",
      description =
          "Host under which others reach this node; needed when listening on 0.0.0.0 (default: the host of --listen).")
  private @Nullable String advertise;

  @Option(
      names = "--min-free-disk",
      paramLabel = "PERCENT",
      defaultValue = "5%",
      converter = Percentage.class,
      description =
          "Loads are refused when less of the disk would stay free (default: ${DEFAULT-VALUE}).")
  private double minFreeDiskFraction = 0.05;

  @Option(
      names = "--link-files",
      paramLabel = "on|off",
      defaultValue = "on",
      converter = OnOff.Word.class,
      description =
          "Whether files of a load on this machine are taken by a hard link, proved like others, and not sent (default: ${DEFAULT-VALUE}).")
  private OnOff linkFiles = OnOff.ON;

  @Option(
      names = "--build-memory",
      paramLabel = "SIZE",
      converter = Sizes.class,
      description =
          "Memory for builds of load --on-cluster, besides the heap (default: a sixteenth of the machine's).")
  private @Nullable Long buildMemoryBytes;

  @Option(
      names = "--build-threads",
      paramLabel = "N",
      description =
          "Splits and shards that this node works on at once for load --on-cluster (default: twice as many as it has cores).")
  private @Nullable Integer buildThreads;

  /**
   * Only declares the option: the file is read before parsing, because its values are the other
   * options' defaults.
   */
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file with values of these options, like 'sect: a'.")
  void config(String ignoredFile) {}

  /**
   * The node.
   *
   * @throws ConfigurationException naming the option that cannot be
   */
  NodeConfig toNodeConfig() {
    checkNames();
    if (voters != 1 && voters != 3 && voters != 5) {
      throw new ConfigurationException("--voters must be 1, 3 or 5, not " + voters);
    }
    String advertisedHost = advertisedHost();
    EnumSet<Duty> chosen = EnumSet.copyOf(duties);
    Endpoint raft =
        raftListen == null ? new Endpoint(listen.host(), DEFAULT_RAFT_PORT) : raftListen;
    if (raft.port() == 0 && chosen.contains(Duty.META)) {
      throw new ConfigurationException(
          "--raft-listen needs a port of its own: other voters must know it");
    }
    return new NodeConfig(
        dataDirectory,
        raftDirectory(chosen),
        nodeId,
        sect,
        chosen,
        voters,
        join,
        listen,
        chosen.contains(Duty.META) ? raft : null,
        http(),
        resp(),
        transport,
        advertisedHost,
        minFreeDiskFraction,
        linkFiles == OnOff.ON,
        build());
  }

  /** Ratis takes a list of directories with commas in between. */
  private Path raftDirectory(EnumSet<Duty> chosen) {
    Path directory = raftDirectory == null ? dataDirectory.resolve("raft") : raftDirectory;
    Path whole = directory.toAbsolutePath().normalize();
    if (chosen.contains(Duty.META) && whole.toString().contains(",")) {
      throw new ConfigurationException(
          (raftDirectory == null ? "--data-dir" : "--raft-dir")
              + ": the metadata log cannot lie at "
              + whole
              + ", whose path has a comma in it; name a path without one, for the log alone with --raft-dir");
    }
    return directory;
  }

  private BuildSettings build() {
    long bytes =
        buildMemoryBytes == null
            ? Math.max(BuildSettings.MIN_UNIT_BYTES, MachineMemory.bytes() / BUILD_MEMORY_SHARE)
            : buildMemoryBytes;
    long room = Math.clamp(bytes / BuildSettings.MIN_UNIT_BYTES, 1, BuilderCheck.MAX_SLOTS);
    int threads =
        buildThreads == null
            ? Math.min((int) room, UNITS_PER_CORE * Runtime.getRuntime().availableProcessors())
            : buildThreads;
    try {
      return new BuildSettings(threads, bytes);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException("--build-threads and --build-memory: " + e.getMessage());
    }
  }

  private void checkNames() {
    try {
      TableName.checked("--sect", sect);
      if (!nodeId.isEmpty()) {
        TableName.checked("--node-id", nodeId);
      }
    } catch (FeatureKvException e) {
      throw new ConfigurationException(String.valueOf(e.getMessage()));
    }
  }

  private @Nullable Endpoint http() {
    if (httpListen == null) {
      return new Endpoint(listen.host(), DEFAULT_HTTP_PORT);
    }
    return httpListen.equals("off") ? null : endpoint("--http-listen", httpListen);
  }

  private @Nullable RespConfig resp() {
    if (respListen.equals("off")) {
      return null;
    }
    respDatabases.forEach(ServerOptions::checkDatabase);
    Endpoint address =
        respListen.equals("on")
            ? new Endpoint(listen.host(), DEFAULT_RESP_PORT)
            : endpoint("--resp-listen", respListen);
    return new RespConfig(address, new RespDatabases(respDatabases), respPasswordFile);
  }

  private static void checkDatabase(int number, String table) {
    if (number < 0 || number >= RespDatabases.MAX_DATABASES) {
      throw new ConfigurationException(
          "--resp-databases: a number is 0 to "
              + (RespDatabases.MAX_DATABASES - 1)
              + ", not "
              + number);
    }
    try {
      TableName.checked("--resp-databases", table);
    } catch (FeatureKvException e) {
      throw new ConfigurationException(String.valueOf(e.getMessage()));
    }
  }

  private @Nullable String advertisedHost() {
    if (advertise == null) {
      if (ANY_HOST.contains(listen.host())) {
        throw new ConfigurationException(
            "listening on "
                + listen.host()
                + " needs --advertise: the host under which other nodes and clients reach this one");
      }
      return null;
    }
    if (!advertise.contains(":") || advertise.endsWith("]")) {
      return advertise;
    }
    Endpoint advertised = endpoint("--advertise", advertise);
    if (advertised.port() != listen.port()) {
      throw new ConfigurationException(
          "--advertise "
              + advertise
              + " must have the port of --listen, "
              + listen.port()
              + ", or none");
    }
    return advertised.host();
  }

  private static Endpoint endpoint(String option, String text) {
    try {
      return Endpoint.parse(text);
    } catch (FeatureKvException e) {
      throw new ConfigurationException(option + ": " + e.getMessage());
    }
  }
}
