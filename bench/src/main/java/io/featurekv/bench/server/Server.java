package io.featurekv.bench.server;

import io.featurekv.bench.data.EntrySet;
import io.featurekv.bench.wire.Wire;
import io.featurekv.model.Endpoint;
import java.io.IOException;
import java.util.List;

/** A server that is compared, with one set of entries. */
public interface Server extends AutoCloseable {
  /** For tables. */
  String name();

  /** What it is and how it was started, for the record. */
  String description();

  /** Where its {@link #dialects} are spoken. */
  Endpoint endpoint();

  /**
   * Loads all entries with their values of version 1, and waits until they can be read.
   *
   * @throws IOException also when not all of them are there afterwards
   */
  void load(EntrySet entries) throws IOException;

  /** The ways to ask it for so many keys at once, one at least. */
  List<Dialect> dialects(int batch);

  /** CPU time of the server so far, in seconds. */
  double cpuSeconds() throws IOException;

  /** Memory that the server holds. */
  long residentBytes() throws IOException;

  @Override
  void close();

  /** One way to ask: a name where there are several, and the maker of its wires. */
  record Dialect(String name, Maker maker) {
    /** Makes the wire of one connection. */
    @FunctionalInterface
    public interface Maker {
      Wire wire();
    }
  }
}
