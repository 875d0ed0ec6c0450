package io.featurekv.loader.sort;

import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Merges cursors, the earlier rows first, and keeps one record of each key. */
final class MergeCursor implements RecordCursor {
  private final PriorityQueue<Input> inputs;
  private final Duplicates duplicates;
  private @Nullable Input current;

  /** A cursor that stands at a record, and which of them it is in input order. */
  private record Input(int order, RecordCursor records) implements Comparable<Input> {
    @Override
    public int compareTo(Input that) {
      int byKey = compare(records, that.records);
      return byKey != 0 ? byKey : Integer.compare(order, that.order);
    }
  }

  MergeCursor(List<RecordCursor> cursors, Duplicates duplicates) {
    this.duplicates = duplicates;
    this.inputs = new PriorityQueue<>(Math.max(1, cursors.size()));
    for (int i = 0; i < cursors.size(); i++) {
      advance(new Input(i, cursors.get(i)));
    }
  }

  private static int compare(RecordCursor a, RecordCursor b) {
    int byPrefix = Long.compare(a.prefix(), b.prefix());
    return byPrefix != 0 ? byPrefix : compareKeys(a, b);
  }

  private static int compareKeys(RecordCursor a, RecordCursor b) {
    return Arrays.compareUnsigned(
        a.keyArray(),
        a.keyOffset(),
        a.keyOffset() + a.keyLength(),
        b.keyArray(),
        b.keyOffset(),
        b.keyOffset() + b.keyLength());
  }

  private void advance(Input input) {
    if (input.records().next()) {
      inputs.add(input);
    }
  }

  @Override
  public boolean next() {
    if (current != null) {
      advance(current);
    }
    Input kept = inputs.poll();
    while (kept != null) {
      Input other = inputs.peek();
      if (other == null || compare(kept.records(), other.records()) != 0) {
        break;
      }
      inputs.remove();
      Input dropped = duplicates.lastWins() ? kept : other;
      kept = duplicates.lastWins() ? other : kept;
      duplicates.dropped(dropped.records().location());
      advance(dropped);
    }
    current = kept;
    return kept != null;
  }

  private RecordCursor record() {
    if (current == null) {
      throw new IllegalStateException("the cursor stands at no record");
    }
    return current.records();
  }

  @Override
  public long prefix() {
    return record().prefix();
  }

  @Override
  public byte[] keyArray() {
    return record().keyArray();
  }

  @Override
  public int keyOffset() {
    return record().keyOffset();
  }

  @Override
  public int keyLength() {
    return record().keyLength();
  }

  @Override
  public long location() {
    return record().location();
  }

  @Override
  public int expirySeconds() {
    return record().expirySeconds();
  }

  @Override
  public boolean isDelete() {
    return record().isDelete();
  }

  @Override
  public byte[] valueArray() {
    return record().valueArray();
  }

  @Override
  public int valueOffset() {
    return record().valueOffset();
  }

  @Override
  public int valueLength() {
    return record().valueLength();
  }
}
