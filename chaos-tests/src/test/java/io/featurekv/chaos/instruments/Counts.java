package io.featurekv.chaos.instruments;

import io.featurekv.chaos.instruments.TcpProxy.Fault;
import java.util.EnumMap;
import java.util.Map;

/** How often each fault of a proxy really happened. Thread-safe. */
final class Counts {
  private final EnumMap<Fault, Long> counts = new EnumMap<>(Fault.class);

  synchronized void add(Fault fault) {
    counts.merge(fault, 1L, Long::sum);
  }

  synchronized Map<Fault, Long> all() {
    return new EnumMap<>(counts);
  }
}
