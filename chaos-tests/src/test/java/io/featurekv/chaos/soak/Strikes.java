package io.featurekv.chaos.soak;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A scenario that is all said in one strike.
 *
 * @param strike what {@link Scenario#strike} does
 */
record Strikes(
    String name, String about, Set<Integer> faults, Layout layout, Least least, Strike strike)
    implements Scenario {
  /** What is done to a cluster. */
  @FunctionalInterface
  interface Strike {
    void on(Harm harm) throws IOException, InterruptedException;
  }

  @Override
  public void strike(Harm harm) throws IOException, InterruptedException {
    strike.on(harm);
  }

  /** A time in between, as likely each. */
  static Duration between(Harm harm, Duration least, Duration most) {
    return least.plusMillis(harm.random().nextLong(most.minus(least).toMillis() + 1));
  }

  /** The leader, or any server while none is known. */
  static int leader(Harm harm) {
    return harm.cluster().leader().orElseGet(harm::anyNode);
  }

  /** All servers but one. */
  static List<Integer> others(Harm harm, int server) {
    return IntStream.range(0, harm.cluster().servers().size())
        .filter(other -> other != server)
        .boxed()
        .toList();
  }

  static String node(int server) {
    return server == Wires.OUTSIDE ? "the clients" : "n" + server;
  }
}
