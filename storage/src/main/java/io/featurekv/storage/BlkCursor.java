package io.featurekv.storage;

import io.featurekv.model.Limits;

/** Walks the entries of a {@code blk} file, block by block. */
final class BlkCursor implements EntryCursor {
  private final BlockSource source;
  private final KeyIndex index;
  private final BlockDecoder decoder = new BlockDecoder();
  private final VirtualMemory key = VirtualMemory.allocate(2L * Limits.MAX_KEY_BYTES);
  private long rank;
  private long block;
  private int head;
  private int count;
  private int entry;
  private int keyLength;
  private int word;
  private long value;

  BlkCursor(BlockSource source, KeyIndex index) {
    this.source = source;
    this.index = index;
  }

  @Override
  public boolean first() {
    return enter(0);
  }

  @Override
  public boolean seek(byte[] wanted) {
    boolean isThere;
    try (VirtualMemory memory = VirtualMemory.allocate(Math.max(1, wanted.length))) {
      NativeMemory.copy(wanted, 0, memory.address(), wanted.length);
      isThere = enter(index.floor(memory.address(), wanted.length));
      while (isThere
          && NativeMemory.compare(keyAddress(), keyLength, memory.address(), wanted.length) < 0) {
        isThere = next();
      }
    }
    return isThere;
  }

  @Override
  public boolean at(double part) {
    return enter((long) (part * index.count()));
  }

  @Override
  public boolean next() {
    if (entry + 1 >= count) {
      return enter(rank + 1);
    }
    value += word & MemLayout.LENGTH_MASK;
    arrive(entry + 1);
    return true;
  }

  /** Number of the block it stands in. */
  long rank() {
    return rank;
  }

  /** Where that block ends in the file. */
  long blockEnd() {
    return index.place(rank + 1);
  }

  /** Whether it stands at the first or last entry of its block. */
  boolean isAtEndOfBlock() {
    return entry == 0 || entry == count - 1;
  }

  private boolean enter(long number) {
    if (number >= index.count()) {
      return false;
    }
    rank = number;
    long offset = index.place(rank);
    long room = index.place(rank + 1) - offset;
    if (room < BlockLayout.HEAD_BYTES || offset + room > source.lengthBytes()) {
      throw source.corrupt(offset, "it leaves the file");
    }
    block = source.address() + offset;
    head = BlockLayout.check(block, room);
    if (head < 0) {
      throw source.corrupt(offset, "its head says what cannot be");
    }
    decoder.check(source, offset, (long) head + BlockLayout.storedLength(block));
    if (decoder.decode(source, offset, head) >= 0) {
      block = decoder.address();
    }
    count = BlockLayout.count(block);
    value = block + head;
    arrive(0);
    return true;
  }

  private void arrive(int number) {
    entry = number;
    keyLength = BlockLayout.copyKey(block, entry, key.address());
    word = BlockLayout.word(block, head, entry);
  }

  @Override
  public long keyAddress() {
    return key.address();
  }

  @Override
  public int keyLength() {
    return keyLength;
  }

  @Override
  public boolean isTombstone() {
    return word < 0;
  }

  @Override
  public int expirySeconds() {
    return BlockLayout.expiry(block, head, entry);
  }

  @Override
  public long valueAddress() {
    return value;
  }

  @Override
  public int valueLength() {
    return word & MemLayout.LENGTH_MASK;
  }

  @Override
  public void close() {
    decoder.close();
    key.close();
  }
}
