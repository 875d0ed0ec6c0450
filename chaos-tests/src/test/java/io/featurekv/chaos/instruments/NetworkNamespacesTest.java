package io.featurekv.chaos.instruments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Shows that packets are dropped by sender and receiver. */
class NetworkNamespacesTest {
  private static final int SHORT_MILLIS = 300;
  private static final int LONG_MILLIS = 20_000;
  private static final String SHORT = Integer.toString(SHORT_MILLIS);
  private static final String LONG = Integer.toString(LONG_MILLIS);
  private static final String ECHOED = "ok 42";

  @Test
  void dropsByDirectionAndKillsConnectionsAndGoesAway() throws IOException {
    Required.present(NetworkNamespaces.missing());
    NetworkNamespaces networks = NetworkNamespaces.create(List.of("a", "b"));
    try (networks;
        ObedientProcess a = ObedientProcess.start(networks.commandPrefix("a"), Map.of());
        ObedientProcess b = ObedientProcess.start(networks.commandPrefix("b"), Map.of())) {
      String host = networks.address("b");
      String port = b.ask("listen", host).substring("ok ".length());
      int portNumber = Integer.parseInt(port);
      assertThat(a.ask("connect", host, port, LONG)).isEqualTo(ECHOED);

      networks.drop("a", "b");
      assertThat(a.ask("connect", host, port, SHORT)).startsWith("failed");
      assertThat(ObedientProcess.askEcho(host, portNumber, LONG_MILLIS)).isEqualTo(42);
      networks.pass("a", "b");
      assertThat(a.ask("connect", host, port, LONG)).isEqualTo(ECHOED);
      networks.drop("b", "a");
      assertThat(a.ask("connect", host, port, SHORT)).startsWith("failed");
      networks.partition(List.of(NetworkNamespaces.OUTSIDE), List.of("b"));
      assertThatThrownBy(() -> ObedientProcess.askEcho(host, portNumber, SHORT_MILLIS))
          .isInstanceOf(SocketTimeoutException.class);
      networks.heal();
      assertThat(a.ask("connect", host, port, LONG)).isEqualTo(ECHOED);

      try (Socket open = new Socket(host, portNumber)) {
        open.setSoTimeout(LONG_MILLIS);
        open.getOutputStream().write(1);
        assertThat(open.getInputStream().read()).isEqualTo(1);
        assertThat(networks.killConnections("b", NetworkNamespaces.OUTSIDE)).isPositive();
        assertThatThrownBy(() -> open.getInputStream().read())
            .isInstanceOf(IOException.class)
            .isNotInstanceOf(SocketTimeoutException.class);
      }
    }
    await().until(() -> !SystemTools.run("ip", "netns", "list").contains(networks.name()));
  }
}
