package io.featurekv.cli.bench;

import io.featurekv.client.BatchView;
import io.featurekv.client.ClientConfig;
import io.featurekv.client.FeatureKvClient;
import io.featurekv.client.ReadOptions;
import io.featurekv.model.Endpoint;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads batches through the client library; the only place of the benchmark that knows it.
 * Thread-safe.
 *
 * <p>One client with as many connections to each node, on a network thread for each core. Answers
 * are looked at where they lie, without copies, on those threads.
 */
final class ClientReads implements BatchSource {
  private final FeatureKvClient client;
  private final String table;
  private final @Nullable StandardSet expected;

  private ClientReads(FeatureKvClient client, String table, @Nullable StandardSet expected) {
    this.client = client;
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
    int threads = Math.min(connections, Runtime.getRuntime().availableProcessors());
    ClientConfig config =
        ClientConfig.of(endpoints)
            .withTimeout(timeout)
            .withNetworkThreads(threads)
            .withConnectionsPerNode(connections);
    return new ClientReads(FeatureKvClient.connect(config), table, expected);
  }

  @Override
  public void read(Batch batch, Consumer<Batch> done) {
    var _ =
        client
            .batchGet(table, batch.keys(), ReadOptions.DEFAULT, view -> examine(batch, view))
            .whenComplete(
                (_, error) -> {
                  if (error != null) {
                    batch.fail(String.valueOf(error.getMessage()));
                  }
                  done.accept(batch);
                });
  }

  private Batch examine(Batch batch, BatchView view) {
    for (int i = 0; i < batch.size(); i++) {
      switch (view.status(i)) {
        case FOUND -> {
          batch.addFound();
          if (expected != null) {
            checkFound(batch, view, i, expected);
          }
        }
        case ABSENT -> {
          batch.addAbsent();
          if (expected != null && batch.isPresent(i)) {
            batch.setWrong("entry " + batch.entry(i) + " is ABSENT in version " + view.version());
          }
        }
        case FAILED -> batch.addFailed(String.valueOf(view.error(i)));
      }
    }
    return batch;
  }

  private static void checkFound(Batch batch, BatchView view, int index, StandardSet expected) {
    long entry = batch.entry(index);
    if (!batch.isPresent(index)) {
      batch.setWrong("the absent entry " + entry + " is FOUND in version " + view.version());
      return;
    }
    ByteBuffer value = view.value(index);
    if (value == null
        || !expected.isValue(
            entry,
            view.version(),
            value.order(ByteOrder.LITTLE_ENDIAN),
            value.position(),
            value.remaining())) {
      batch.setMixed("the value of entry " + entry + " is not of version " + view.version());
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
