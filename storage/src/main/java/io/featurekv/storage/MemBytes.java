package io.featurekv.storage;

/** The slots and the heap of a {@code mem} file, wherever they lie. One thread. */
interface MemBytes {
  /** Address of some bytes of the slots, good until the next call. */
  long slots(long offset, int length);

  /** Address of some bytes of the heap, good until the next call. */
  long heap(long offset, int length);
}
