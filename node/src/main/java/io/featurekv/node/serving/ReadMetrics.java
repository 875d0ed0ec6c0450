package io.featurekv.node.serving;

/** Hears of every batch that was answered. */
public interface ReadMetrics {
  /** A batch was answered. */
  void batch(int keys, int found, int absent, int failed, long nanos);

  /** Keys were passed on to another node. */
  void forwarded(int keys);
}
