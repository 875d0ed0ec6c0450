package io.featurekv.node.http;

import io.featurekv.node.serving.ReadTallies;
import io.featurekv.node.shipping.ShippingMetrics;
import io.featurekv.storage.VirtualMemory;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.DoubleSupplier;

/** What a node counts. */
public final class NodeMetrics implements ShippingMetrics {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Counter bytesReceived =
      counter("featurekv_shipping_received_bytes_total", "Bytes of pieces received");
  private final Counter bytesLinked =
      counter(
          "featurekv_shipping_linked_bytes_total",
          "Bytes of pieces taken from loads of this machine");
  private final Counter bytesSent =
      counter("featurekv_shipping_sent_bytes_total", "Bytes of pieces sent");
  private final Counter piecesFailed =
      counter("featurekv_shipping_failed_pieces_total", "Pieces that were lost or damaged");

  /**
   * What nodes count of reads is kept by the threads that read, and fetched when it is asked for.
   */
  public NodeMetrics(ReadTallies reads) {
    CounterWithCallback.builder()
        .name("featurekv_read_keys_total")
        .help("Keys of BatchGets by outcome")
        .labelNames("status")
        .callback(
            callback -> {
              callback.call((double) reads.found(), "found");
              callback.call((double) reads.absent(), "absent");
              callback.call((double) reads.failed(), "failed");
            })
        .register(registry);
    count("featurekv_read_batches_total", "BatchGets answered", reads::batches);
    count("featurekv_read_keys_forwarded_total", "Keys asked of other nodes", reads::forwarded);
    count(
        "featurekv_read_batches_late_total",
        "BatchGets dropped because their deadline had passed",
        reads::late);
    count(
        "featurekv_read_batches_refused_total",
        "BatchGets refused with TRY_AGAIN because too much was in flight",
        reads::refused);
    count(
        "process_cpu_seconds_total",
        "CPU time of the whole process, user and system",
        ProcessFigures::cpuSeconds);
    count(
        "process_written_bytes_total",
        "Bytes that the process made the kernel write to disks",
        ProcessFigures::writtenBytes);
    gauge(
        "process_resident_anon_bytes",
        "Resident memory without mapped files",
        ProcessFigures::residentAnonBytes);
    gauge(
        "process_heap_max_bytes",
        "What the heap of the virtual machine may grow to",
        ProcessFigures::heapMaxBytes);
    gauge(
        "process_direct_memory_bytes",
        "Direct buffers of the virtual machine",
        ProcessFigures::directBytes);
    gauge(
        "featurekv_native_memory_bytes",
        "Memory that is allocated outside the heap and not in buffers",
        VirtualMemory::allocatedBytes);
    gauge(
        "featurekv_table_memory_bytes",
        "Of featurekv_native_memory_bytes what open tables keep, and those being opened",
        VirtualMemory::tableBytes);
    registry.register(new ReadLatency(reads));
  }

  /** A count that is kept elsewhere and read when it is asked for. */
  public void count(String name, String help, DoubleSupplier value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
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

  /** How much more may be written below a directory. */
  public void freeDisk(Path directory) {
    GaugeWithCallback.builder()
        .name("featurekv_free_disk_bytes")
        .help("Bytes that may still be written below the directory of the node's data")
        .labelNames("directory", "disk")
        .callback(
            callback ->
                callback.call(
                    (double) directory.toFile().getUsableSpace(),
                    directory.toString(),
                    disk(directory)))
        .register(registry);
  }

  /** So that several nodes of one machine can be told to share one. */
  private static String disk(Path directory) {
    try {
      FileStore store = Files.getFileStore(directory);
      return store.name() + " (" + store.type() + ")";
    } catch (IOException e) {
      return "";
    }
  }

  PrometheusRegistry registry() {
    return registry;
  }

  @Override
  public void pieceReceived(int bytes) {
    bytesReceived.inc(bytes);
  }

  @Override
  public void pieceLinked(int bytes) {
    bytesLinked.inc(bytes);
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
