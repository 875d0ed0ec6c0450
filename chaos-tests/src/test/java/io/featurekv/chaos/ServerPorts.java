package io.featurekv.chaos;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that are started later, and again after they were killed. They are below those
 * that the kernel gives to connections, which would otherwise take one while its server is down.
 */
final class ServerPorts {
  private static final int LEAST = 12_000;

  /** Where Linux begins with ports of connections, if nobody told it otherwise. */
  private static final int END = 32_768;

  private static final int MAX_ATTEMPTS = 1_000;

  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private ServerPorts() {}

  /** One that nobody listens on, and that this process has not given out before. */
  static int next() {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LEAST, END);
      if (isFree(port) && GIVEN.add(port)) {
        return port;
      }
    }
    throw new AssertionError("no free port between " + LEAST + " and " + END);
  }

  private static boolean isFree(int port) {
    try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
