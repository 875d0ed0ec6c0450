package io.featurekv.node.http;

import com.sun.management.OperatingSystemMXBean;
import io.featurekv.node.serving.ReadMetrics;
import io.featurekv.node.shipping.ShippingMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.lang.management.ManagementFactory;
import java.util.function.DoubleSupplier;

/** What a node counts. */
public final class NodeMetrics implements ReadMetrics, ShippingMetrics {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Counter batches = counter("featurekv_read_batches_total", "BatchGets answered");
  private final Counter keys =
      Counter.builder()
          .name("featurekv_read_keys_total")
          .help("Keys of BatchGets by outcome")
          .labelNames("status")
          .register(registry);
  private final Counter forwarded =
      counter("featurekv_read_keys_forwarded_total", "Keys asked of other nodes");
  private final Histogram seconds =
      Histogram.builder()
          .name("featurekv_read_batch_seconds")
          .help("From a BatchGet's arrival to its reply")
          .classicUpperBounds(.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1)
          .register(registry);
  private final Counter bytesReceived =
      counter("featurekv_shipping_received_bytes_total", "Bytes of pieces received");
  private final Counter bytesSent =
      counter("featurekv_shipping_sent_bytes_total", "Bytes of pieces sent");
  private final Counter piecesFailed =
      counter("featurekv_shipping_failed_pieces_total", "Pieces that were lost or damaged");

  /** Begins at zero, but for what the process itself has used. */
  public NodeMetrics() {
    CounterWithCallback.builder()
        .name("process_cpu_seconds_total")
        .help("CPU time of this process")
        .callback(callback -> callback.call(PROCESS.getProcessCpuTime() / NANOS_PER_SECOND))
        .register(registry);
  }

  private Counter counter(String name, String help) {
    return Counter.builder().name(name).help(help).register(registry);
  }

  /** A value read when it is asked for. */
  public void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  PrometheusRegistry registry() {
    return registry;
  }

  @Override
  public void batch(int keyCount, int found, int absent, int failed, long nanos) {
    batches.inc();
    keys.labelValues("found").inc(found);
    keys.labelValues("absent").inc(absent);
    keys.labelValues("failed").inc(failed);
    seconds.observe(nanos / NANOS_PER_SECOND);
  }

  @Override
  public void forwarded(int keyCount) {
    forwarded.inc(keyCount);
  }

  @Override
  public void pieceReceived(int bytes) {
    bytesReceived.inc(bytes);
  }

  @Override
  public void pieceSent(int bytes) {
    bytesSent.inc(bytes);
  }

  @Override
  public void pieceFailed() {
    piecesFailed.inc();
  }
}
