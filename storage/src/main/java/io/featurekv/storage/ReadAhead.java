package io.featurekv.storage;

import java.util.function.IntConsumer;

/**
 * Brings a mapped file in ahead of someone who reads it from its beginning, in steps that are large
 * enough for the disk. One thread.
 */
final class ReadAhead {
  private static final int STEP_BYTES = 1 << 20;

  private final MappedShard file;
  private final IntConsumer paceBytes;
  private long end;

  ReadAhead(MappedShard file, IntConsumer paceBytes) {
    this.file = file;
    this.paceBytes = paceBytes;
  }

  /** What lies before an offset of the file is read next; brings in a step more than that. */
  void upTo(long offset) {
    while (end < offset + STEP_BYTES && end < file.lengthBytes()) {
      int bytes = (int) Math.min(STEP_BYTES, file.lengthBytes() - end);
      // What cannot be read fails where it is touched.
      boolean _ = VirtualMemory.populate(file.address() + end, bytes);
      paceBytes.accept(bytes);
      end += bytes;
    }
  }
}
