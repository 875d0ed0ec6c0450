package io.featurekv.chaos.instruments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.featurekv.chaos.instruments.TcpProxy.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Shows that a proxy carries bytes truly, and harms them as it is told. */
class TcpProxyTest {
  private static final int SHORT_MILLIS = 200;
  private static final int PATIENCE_MILLIS = 20_000;
  private static final int BODY_BYTES = 200_000;
  private static final byte PIECE = 27;

  private final BlockingQueue<Socket> reached = new LinkedBlockingQueue<>();
  private final TcpProxy proxy =
      new TcpProxy(
          1,
          TcpProxy.byProcess(
              List.of("client"), name -> ProcessHandle.current().pid(), "a stranger"));
  private ServerSocket node;
  private Socket client;
  private Socket server;

  @BeforeEach
  void connect() throws Exception {
    node = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    InetSocketAddress door =
        proxy.open(
            "node",
            new InetSocketAddress("127.0.0.2", node.getLocalPort()),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), node.getLocalPort()));
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  reached.add(node.accept());
                }
              } catch (IOException e) {
                // The test is over.
              }
            });
    client = new Socket(door.getAddress(), door.getPort());
    server = reached.take();
    client.setSoTimeout(PATIENCE_MILLIS);
    server.setSoTimeout(PATIENCE_MILLIS);
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
    node.close();
    proxy.close();
    await().until(() -> proxy.connectionCount() == 0);
  }

  private void assertSilent(Socket receiver) throws IOException {
    receiver.setSoTimeout(SHORT_MILLIS);
    assertThatThrownBy(() -> receiver.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    receiver.setSoTimeout(PATIENCE_MILLIS);
  }

  @Test
  void carriesBytesBothWaysLateOrSlowButTrueAndPassesTheEndOn() throws IOException {
    proxy.link("client", "node").delay(Duration.ofMillis(1), Duration.ofMillis(20));
    proxy.link("node", "client").pace(10_000_000);
    byte[] bytes = new byte[300_000];
    new Random(3).nextBytes(bytes);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                server.getInputStream().transferTo(server.getOutputStream());
                server.shutdownOutput();
              } catch (IOException e) {
                // The test fails for want of bytes.
              }
            });
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                client.getOutputStream().write(bytes);
                client.shutdownOutput();
              } catch (IOException e) {
                // The test fails for want of bytes.
              }
            });
    assertThat(client.getInputStream().readAllBytes()).isEqualTo(bytes);
    assertThat(proxy.fired()).containsOnlyKeys(Fault.DELAYED, Fault.PACED);
  }

  @Test
  void heldDirectionWaitsAndLosesNothingWhileTheOtherGoesOn() throws IOException {
    proxy.link("node", "client").hold();
    client.getOutputStream().write(1);
    assertThat(server.getInputStream().read()).isEqualTo(1);
    server.getOutputStream().write(2);
    assertSilent(client);
    assertThat(proxy.fired(Fault.HELD)).isEqualTo(1);
    proxy.heal();
    assertThat(client.getInputStream().read()).isEqualTo(2);
  }

  @Test
  void swallowedBytesAreLostAndTheirConnectionIsBrokenWhenItHeals() throws IOException {
    proxy.link("client", "node").swallow();
    client.getOutputStream().write(1);
    assertSilent(server);
    assertThat(proxy.fired(Fault.SWALLOWED)).isEqualTo(1);
    proxy.heal();
    assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
  }

  @Test
  void cutBreaksConnectionsOfThePairOnly() throws IOException {
    assertThat(proxy.cut("node", "a stranger")).isZero();
    assertThat(proxy.cut("node", "client")).isEqualTo(1);
    assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(IOException.class);
  }

  @Test
  void longFramesAreHarmedWithinTheirBodiesAndShortOnesAreNot() throws IOException {
    byte[] sent = frames();
    byte[] flipped = through(sent, Link.Harm.FLIP);
    int at = Arrays.mismatch(sent, flipped);
    assertThat(Integer.bitCount((sent[at] ^ flipped[at]) & 0xff)).isEqualTo(1);
    assertThat(Arrays.mismatch(rest(sent, at + 1), rest(flipped, at + 1))).isNegative();
    assertThat(at).isGreaterThan(512);
    assertThat(proxy.fired(Fault.FLIPPED)).isEqualTo(1);
  }

  @Test
  void bytesComeTwice() throws IOException {
    byte[] sent = frames();
    assertThat(through(sent, Link.Harm.DOUBLE)).hasSizeGreaterThan(sent.length);
    assertThat(proxy.fired(Fault.DOUBLED)).isEqualTo(1);
  }

  @Test
  void bytesComeInAnotherOrder() throws IOException {
    byte[] sent = frames();
    byte[] moved = through(sent, Link.Harm.REORDER);
    assertThat(moved).isNotEqualTo(sent);
    assertThat(sorted(moved)).isEqualTo(sorted(sent));
  }

  @Test
  void bytesDoNotCome() throws IOException {
    byte[] sent = frames();
    assertThat(through(sent, Link.Harm.CUT_SHORT)).hasSizeLessThan(sent.length);
    assertThat(proxy.fired(Fault.CUT_SHORT)).isEqualTo(1);
  }

  private static byte[] rest(byte[] bytes, int from) {
    return Arrays.copyOfRange(bytes, from, bytes.length);
  }

  private static byte[] sorted(byte[] bytes) {
    byte[] copy = bytes.clone();
    Arrays.sort(copy);
    return copy;
  }

  /** HELLO, and a frame of random bytes. */
  private static byte[] frames() {
    byte[] frames = new byte[12 + 4 + 12 + BODY_BYTES];
    new Random(4).nextBytes(frames);
    Arrays.fill(frames, 0, 28, (byte) 0);
    frames[0] = 4;
    frames[4] = 1;
    for (int i = 0; i < Integer.BYTES; i++) {
      frames[16 + i] = (byte) (BODY_BYTES >>> (Byte.SIZE * i));
    }
    frames[16 + 4] = PIECE;
    return frames;
  }

  private byte[] through(byte[] sent, Link.Harm harm) throws IOException {
    proxy.link("client", "node").harm(harm, Set.of((int) PIECE), 1, BODY_BYTES, 1);
    Thread.ofVirtual()
        .start(
            () -> {
              try (OutputStream out = client.getOutputStream()) {
                out.write(sent);
              } catch (IOException e) {
                // The test fails for want of bytes.
              }
            });
    try (InputStream in = server.getInputStream()) {
      return in.readAllBytes();
    }
  }
}
