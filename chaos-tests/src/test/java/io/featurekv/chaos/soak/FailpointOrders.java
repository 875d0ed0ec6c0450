package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster.ServerNode;
import io.featurekv.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
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

  /** The points of a stage. */
  static List<Failpoint> points(String stage) {
    List<Failpoint> points = new ArrayList<>();
    for (Failpoint point : Failpoint.values()) {
      if (point.stage().equals(stage)) {
        points.add(point);
      }
    }
    return points;
  }
}
