package io.featurekv.bench.ingest;

/**
 * What a load took of one node; figures that do not exist are NaN.
 *
 * @param peakBytes memory without mapped files, as far as it was seen
 * @param boundBytes what it might have held then: heap, builds and open tables
 * @param held 1 where it was within its bound, which changes, whenever it was looked at, else 0
 */
public record NodeCost(
    String id,
    double cpuSeconds,
    double writtenBytes,
    double peakBytes,
    double boundBytes,
    double held) {}
