package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster.ServerNode;
import io.featurekv.chaos.instruments.HostileBytes;
import io.featurekv.chaos.soak.Scenario.Least;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Bytes from clients and peers that are not what they should be (fault 18). */
final class HostileScenarios {
  private static final Least LEAST = new Least(50, 100, 1);
  private static final int CONVERSATIONS = 120;
  private static final int SILENT = 60;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private HostileScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Strikes(
            "hostile-bytes",
            "Ports are sent noise, broken and lying frames, and silence.",
            Set.of(18),
            new Layout.Loopback(),
            LEAST,
            HostileScenarios::strike));
  }

  private static void strike(Harm harm) throws IOException {
    int victim = harm.anyNode();
    ServerNode node = harm.cluster().servers().get(victim);
    HostileBytes bytes = new HostileBytes(harm.random().nextLong(), TIMEOUT);
    InetSocketAddress door = new InetSocketAddress(node.host(), node.port());
    List<InetSocketAddress> others =
        List.of(
            new InetSocketAddress(node.host(), node.raftPort()),
            new InetSocketAddress(node.host(), node.httpPort()));
    try (Closeable _ = bytes.silence(door, SILENT)) {
      for (int i = 0; i < CONVERSATIONS; i++) {
        HostileBytes.Ended ended =
            i % 4 == 3 ? bytes.noise(others.get(i / 4 % others.size())) : bytes.conversation(door);
        harm.fired("hostile-" + ended.kind(), "n" + victim + ": " + ended.how());
      }
      if (!bytes.isAnsweringPing(door)) {
        harm.checks().violated(12, "n" + victim + " does not answer a PING any more");
      }
    }
  }
}
