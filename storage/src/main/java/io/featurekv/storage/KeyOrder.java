package io.featurekv.storage;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The order of keys: unsigned bytes, a proper prefix before what it begins. */
final class KeyOrder {
  private KeyOrder() {}

  static int compare(
      MemorySegment left,
      long leftOffset,
      int leftLength,
      MemorySegment right,
      long rightOffset,
      int rightLength) {
    long mismatch =
        MemorySegment.mismatch(
            left,
            leftOffset,
            leftOffset + leftLength,
            right,
            rightOffset,
            rightOffset + rightLength);
    return mismatch < 0
        ? 0
        : compareFrom(mismatch, left, leftOffset, leftLength, right, rightOffset, rightLength);
  }

  /** The order of two different keys whose first difference is known. */
  static int compareFrom(
      long mismatch,
      MemorySegment left,
      long leftOffset,
      int leftLength,
      MemorySegment right,
      long rightOffset,
      int rightLength) {
    if (mismatch >= leftLength || mismatch >= rightLength) {
      return Integer.compare(leftLength, rightLength);
    }
    return Byte.compareUnsigned(
        left.get(ValueLayout.JAVA_BYTE, leftOffset + mismatch),
        right.get(ValueLayout.JAVA_BYTE, rightOffset + mismatch));
  }
}
