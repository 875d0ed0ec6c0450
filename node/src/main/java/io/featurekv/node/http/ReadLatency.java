package io.featurekv.node.http;

import io.featurekv.node.serving.ReadTallies;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;

/** The latency of batches as a histogram of the threads' counts. */
final class ReadLatency implements Collector {
  private static final String NAME = "featurekv_read_batch_seconds";
  private static final double NANOS_PER_SECOND = 1e9;

  private final ReadTallies reads;

  ReadLatency(ReadTallies reads) {
    this.reads = reads;
  }

  @Override
  public String getPrometheusName() {
    return NAME;
  }

  @Override
  public MetricSnapshot collect() {
    long[] bounds = ReadTallies.boundsNanos();
    long[] counts = reads.buckets();
    ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
    for (int i = 0; i < counts.length; i++) {
      double bound = i < bounds.length ? bounds[i] / NANOS_PER_SECOND : Double.POSITIVE_INFINITY;
      buckets.bucket(bound, counts[i]);
    }
    return HistogramSnapshot.builder()
        .name(NAME)
        .help("From when a BatchGet was received to when its reply was written")
        .dataPoint(
            HistogramSnapshot.HistogramDataPointSnapshot.builder()
                .sum(reads.nanos() / NANOS_PER_SECOND)
                .classicHistogramBuckets(buckets.build())
                .build())
        .build();
  }
}
