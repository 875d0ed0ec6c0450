package io.featurekv.loader.sort;

import java.util.List;
import java.util.function.Supplier;

/** A sorted buffer that was never written to disk. */
public final class MemoryRun extends Run {
  private final SortBuffer buffer;

  /** Takes the buffer over. */
  public MemoryRun(SortBuffer buffer) {
    this.buffer = buffer;
  }

  @Override
  public long records(int shard) {
    return buffer.records(shard);
  }

  @Override
  StoredCursor cursor(int shard, int bufferBytes) {
    return buffer.cursor(shard);
  }

  @Override
  List<Supplier<RecordCursor>> places(int bufferBytes) {
    return buffer.places();
  }

  @Override
  public void close() {
    buffer.close();
  }
}
