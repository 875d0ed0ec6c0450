package io.featurekv.loader.sort;

/**
 * Stands at records as {@link RecordLayout} has them. What a merge asks of it again and again lies
 * in fields.
 */
abstract class StoredCursor implements RecordCursor {
  private final KeyPrefix prefixes;
  long record;
  long key;
  int keyLength;

  /** Orders records, as a signed number; ties are broken by the key. */
  long prefix;

  StoredCursor(KeyPrefix prefixes) {
    this.prefixes = prefixes;
  }

  /** The record's header and key are in memory. */
  final void standAt(long address) {
    record = address;
    key = RecordLayout.key(address);
    keyLength = RecordLayout.keyLength(address);
    prefix = prefixes.of(key, keyLength);
  }

  @Override
  public final long hash() {
    return KeyPrefix.hash(prefix);
  }

  @Override
  public final long keyAddress() {
    return key;
  }

  @Override
  public final int keyLength() {
    return keyLength;
  }

  @Override
  public final int valueLength() {
    return RecordLayout.valueLength(record);
  }

  @Override
  public final boolean isDeletion() {
    return RecordLayout.isDeletion(record);
  }

  @Override
  public final int expirySeconds() {
    return RecordLayout.expirySeconds(record);
  }

  @Override
  public final long row() {
    return RecordLayout.row(record);
  }
}
