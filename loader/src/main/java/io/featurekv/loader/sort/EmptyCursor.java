package io.featurekv.loader.sort;

/** No records. */
enum EmptyCursor implements RecordCursor {
  INSTANCE;

  @Override
  public boolean next() {
    return false;
  }

  private static IllegalStateException nothing() {
    return new IllegalStateException("the cursor stands at no record");
  }

  @Override
  public long hash() {
    throw nothing();
  }

  @Override
  public long keyAddress() {
    throw nothing();
  }

  @Override
  public int keyLength() {
    throw nothing();
  }

  @Override
  public long valueAddress() {
    throw nothing();
  }

  @Override
  public int valueLength() {
    throw nothing();
  }

  @Override
  public boolean isDeletion() {
    throw nothing();
  }

  @Override
  public int expirySeconds() {
    throw nothing();
  }

  @Override
  public long row() {
    throw nothing();
  }

  @Override
  public void close() {}
}
