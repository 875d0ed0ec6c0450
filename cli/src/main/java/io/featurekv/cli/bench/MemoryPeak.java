package io.featurekv.cli.bench;

/**
 * The most memory that a process was seen to hold, without mapped files, beside what it may hold.
 *
 * @param bytes NaN where not known
 * @param boundBytes what it might have held when it was seen to hold most; NaN where not known
 * @param mostAboveBytes how far it was seen above its bound at most, negative where it kept below
 *     it; NaN where not known
 */
record MemoryPeak(double bytes, double boundBytes, double mostAboveBytes) {
  /** Nothing was seen yet. */
  static final MemoryPeak UNKNOWN = new MemoryPeak(Double.NaN, Double.NaN, Double.NaN);

  /** With one more look; bounds may change between looks. */
  MemoryPeak seen(double nowBytes, double nowBoundBytes) {
    double above = nowBytes - nowBoundBytes;
    boolean isHigher = Double.isNaN(bytes) || nowBytes > bytes;
    return new MemoryPeak(
        isHigher ? nowBytes : bytes,
        isHigher ? nowBoundBytes : boundBytes,
        Double.isNaN(mostAboveBytes) || above > mostAboveBytes ? above : mostAboveBytes);
  }

  boolean isKnown() {
    return !Double.isNaN(mostAboveBytes);
  }

  /** Whether it was within its bound whenever it was looked at. */
  boolean isHeld() {
    return mostAboveBytes <= 0;
  }
}
