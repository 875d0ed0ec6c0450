package io.featurekv.bench.server;

import io.featurekv.bench.data.EntrySet;
import io.featurekv.bench.wire.RespWire;
import io.featurekv.model.Endpoint;
import java.io.IOException;
import java.util.List;

/** A FeatureKV node as clients of Redis see it. Loaded and closed as the node is. */
public final class RespFace implements Server {
  private final FeatureKvServer node;
  private final Endpoint endpoint;

  RespFace(FeatureKvServer node, Endpoint endpoint) {
    this.node = node;
    this.endpoint = endpoint;
  }

  @Override
  public String name() {
    return node.name() + ", RESP";
  }

  @Override
  public String description() {
    return "the same node, its port for clients of Redis";
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public void load(EntrySet entries) {
    // The node was loaded.
  }

  @Override
  public List<Dialect> dialects(int batch) {
    return List.of(new Dialect("", () -> new RespWire(batch == 1, FeatureKvServer.RESP_DATABASE)));
  }

  @Override
  public double cpuSeconds() throws IOException {
    return node.cpuSeconds();
  }

  @Override
  public long residentBytes() throws IOException {
    return node.residentBytes();
  }

  @Override
  public void close() {
    // The node is closed.
  }
}
