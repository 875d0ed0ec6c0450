package io.featurekv.cli.bench;

import io.featurekv.client.BatchResult;
import io.featurekv.client.ClientConfig;
import io.featurekv.client.FeatureKvClient;
import io.featurekv.client.ReadOptions;
import io.featurekv.model.Endpoint;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads batches through the client library; the only place of the benchmark that knows it.
 * Thread-safe.
 *
 * <p>A client has one connection to each node, so that there is a client for each connection, with
 * one network thread.
 */
final class ClientReads implements BatchSource {
  private final List<FeatureKvClient> clients;
  private final String table;
  private final @Nullable StandardSet expected;

  private ClientReads(List<FeatureKvClient> clients, String table, @Nullable StandardSet expected) {
    this.clients = List.copyOf(clients);
    this.table = table;
    this.expected = expected;
  }

  /**
   * Connects.
   *
   * @param connections to each node
   * @param expected what values have to be; null: nobody looks
   */
  static ClientReads connect(
      List<Endpoint> endpoints,
      Duration timeout,
      int connections,
      String table,
      @Nullable StandardSet expected) {
    List<FeatureKvClient> clients = new ArrayList<>();
    ClientConfig config = ClientConfig.of(endpoints).withTimeout(timeout).withNetworkThreads(1);
    for (int i = 0; i < connections; i++) {
      clients.add(FeatureKvClient.connect(config));
    }
    return new ClientReads(clients, table, expected);
  }

  @Override
  public void read(Batch batch, Consumer<Batch> done) {
    FeatureKvClient client = clients.get((int) (batch.number() % clients.size()));
    var _ =
        client
            .batchGet(table, batch.keys(), ReadOptions.DEFAULT)
            .whenComplete(
                (result, error) -> {
                  if (error != null) {
                    batch.fail(String.valueOf(error.getMessage()));
                  } else {
                    examine(batch, result);
                  }
                  done.accept(batch);
                });
  }

  private void examine(Batch batch, BatchResult result) {
    for (int i = 0; i < batch.size(); i++) {
      switch (result.status(i)) {
        case FOUND -> {
          batch.addFound();
          if (expected != null) {
            checkFound(batch, result, i, expected);
          }
        }
        case ABSENT -> {
          batch.addAbsent();
          if (expected != null && batch.isPresent(i)) {
            batch.setWrong("entry " + batch.entry(i) + " is ABSENT in version " + result.version());
          }
        }
        case FAILED -> batch.addFailed(String.valueOf(result.error(i)));
      }
    }
  }

  private static void checkFound(Batch batch, BatchResult result, int index, StandardSet expected) {
    long entry = batch.entry(index);
    if (!batch.isPresent(index)) {
      batch.setWrong("the absent entry " + entry + " is FOUND in version " + result.version());
      return;
    }
    ByteBuffer value = result.valueBuffer(index);
    if (value == null
        || !expected.isValue(
            entry,
            result.version(),
            value.order(ByteOrder.LITTLE_ENDIAN),
            value.position(),
            value.remaining())) {
      batch.setMixed("the value of entry " + entry + " is not of version " + result.version());
    }
  }

  @Override
  public void close() {
    clients.forEach(FeatureKvClient::close);
  }
}
