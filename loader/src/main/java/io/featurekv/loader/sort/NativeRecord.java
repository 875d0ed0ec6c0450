package io.featurekv.loader.sort;

/** A record that lies in memory as a whole. Not thread-safe. */
final class NativeRecord implements SortedRecord {
  private long record;

  /** Stands at a record from now on. */
  NativeRecord at(long address) {
    record = address;
    return this;
  }

  long address() {
    return record;
  }

  @Override
  public long keyAddress() {
    return RecordLayout.key(record);
  }

  @Override
  public int keyLength() {
    return RecordLayout.keyLength(record);
  }

  @Override
  public long valueAddress() {
    return RecordLayout.value(record);
  }

  @Override
  public int valueLength() {
    return RecordLayout.valueLength(record);
  }

  @Override
  public boolean isDeletion() {
    return RecordLayout.isDeletion(record);
  }

  @Override
  public int expirySeconds() {
    return RecordLayout.expirySeconds(record);
  }

  @Override
  public long row() {
    return RecordLayout.row(record);
  }
}
