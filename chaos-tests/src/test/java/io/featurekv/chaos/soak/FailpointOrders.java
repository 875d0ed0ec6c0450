package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster.ServerNode;
import io.featurekv.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The files through which servers get orders for their failpoints, and tell which they reached. */
final class FailpointOrders {
  private FailpointOrders() {}

  /** JVM options of a server that looks into files beside its directory. */
  static List<String> options(Path directory, String id) {
    return List.of(
        "-Dfeaturekv.failpoint=@" + orders(directory, id),
        "-Dfeaturekv.failpoint.report=" + reached(directory, id));
  }

  private static Path orders(Path directory, String id) {
    return directory.resolve(id + ".failpoints");
  }

  private static Path reached(Path directory, String id) {
    return directory.resolve(id + ".reached");
  }

  /** From now on; orders that a server had before are forgotten. */
  static void order(Path directory, ServerNode node, String orders) throws IOException {
    Path next = directory.resolve(node.id() + ".failpoints.tmp");
    Files.writeString(next, orders);
    Files.move(
        next,
        orders(directory, node.id()),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Names of the points that any server has reached. */
  static Set<String> reached(Path directory, List<ServerNode> nodes) throws IOException {
    Set<String> reached = new TreeSet<>();
    for (ServerNode node : nodes) {
      Path file = reached(directory, node.id());
      if (Files.exists(file)) {
        reached.addAll(Files.readAllLines(file));
      }
    }
    return reached;
  }

  /** Points on the way up of a server, which a running one does not come to. */
  static final Set<Failpoint> AT_START =
      Set.of(
          Failpoint.REGISTER_BEFORE_PROPOSE,
          Failpoint.REGISTER_AFTER_APPLY,
          Failpoint.LOAD_BEFORE_VERIFY);

  /**
   * The points of a stage that the workload, or a start, brings a server to. A snapshot is
   * installed only where a voter is further behind than the log of its leader reaches.
   */
  static List<Failpoint> points(String stage) {
    return Arrays.stream(Failpoint.values())
        .filter(point -> point.stage().equals(stage))
        .filter(point -> point != Failpoint.SNAPSHOT_BEFORE_INSTALL)
        .toList();
  }

  /** The points that a running server comes to under the workload. */
  static List<Failpoint> points() {
    return Arrays.stream(Failpoint.values())
        .filter(point -> !AT_START.contains(point))
        .filter(point -> point != Failpoint.SNAPSHOT_BEFORE_INSTALL)
        .toList();
  }
}
