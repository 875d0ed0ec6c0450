package io.featurekv.cli.load;

import io.featurekv.cli.terminal.Human;

/**
 * How the memory of a load is divided: the heap, what the virtual machine takes besides it, and the
 * rest for sorting and building. The launcher makes the heap a quarter.
 *
 * @param boundBytes of the whole process
 * @param heapBytes the most that the heap takes of it
 */
record MemoryBudget(long boundBytes, long heapBytes) {
  /**
   * Classes, compiled code, stacks, what collecting garbage takes, what writers of shard files
   * hold, and buffers for the network; as measured.
   */
  static final long RESERVED_BYTES = 192L << 20;

  /** Least that sorting and building need. */
  static final long MIN_BUILD_BYTES = 16L << 20;

  /** The heap's part where nobody has made it another one. */
  static final int HEAP_SHARE = 4;

  private static final long MIB = 1 << 20;
  private static final long LEAST_BYTES =
      Math.ceilDiv((RESERVED_BYTES + MIN_BUILD_BYTES) * HEAP_SHARE, HEAP_SHARE - 1);

  /** What sorting and building may take; too little where the bound is too small. */
  long buildBytes() {
    return boundBytes - heapBytes - RESERVED_BYTES;
  }

  boolean isEnough() {
    return buildBytes() >= MIN_BUILD_BYTES;
  }

  /**
   * The smallest bound that works, in whole MiB: with a heap that follows it, or with this one
   * where that has been made larger than its part.
   */
  long leastBytes() {
    long rest = RESERVED_BYTES + MIN_BUILD_BYTES;
    return Math.ceilDiv(hasOwnHeap() ? rest + heapBytes : LEAST_BYTES, MIB) * MIB;
  }

  /** Whether the heap was made larger than its part of any bound in question. */
  private boolean hasOwnHeap() {
    return heapBytes > Math.max(boundBytes, LEAST_BYTES) / HEAP_SHARE;
  }

  /** Why it is not enough. */
  String refusal() {
    return "--memory "
        + Human.bytes(boundBytes)
        + " is too little: a load needs "
        + Human.bytes(leastBytes())
        + " at least, of which up to "
        + Human.bytes(Math.max(heapBytes, leastBytes() / HEAP_SHARE))
        + " are the heap"
        + (hasOwnHeap()
            ? ", as this virtual machine was started (task retry: FEATUREKV_MEMORY)"
            : "");
  }
}
