package io.featurekv.metadata;

import io.featurekv.model.KeyHash;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.ToLongFunction;

/**
 * An immutable list whose elements are each hashed once, so that a list of thousands of which one
 * changes is hashed again at little cost.
 */
final class HashedList<T> extends AbstractList<T> implements RandomAccess {
  private final List<T> elements;
  private final long[] hashes;
  private final ToLongFunction<T> hash;

  private HashedList(List<T> elements, long[] hashes, ToLongFunction<T> hash) {
    this.elements = elements;
    this.hashes = hashes;
    this.hash = hash;
  }

  static <T> HashedList<T> copyOf(List<T> elements, ToLongFunction<T> hash) {
    return elements instanceof HashedList<T> same
        ? same
        : new HashedList<>(
            List.copyOf(elements), elements.stream().mapToLong(hash).toArray(), hash);
  }

  /** This list with one element replaced. */
  @SuppressWarnings("unchecked")
  HashedList<T> with(int index, T element) {
    Object[] changed = elements.toArray();
    changed[index] = element;
    long[] changedHashes = hashes.clone();
    changedHashes[index] = hash.applyAsLong(element);
    return new HashedList<>((List<T>) List.of(changed), changedHashes, hash);
  }

  long stateHash() {
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES * (1 + hashes.length)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(hashes.length);
    bytes.asLongBuffer().put(hashes);
    return KeyHash.of(bytes.array());
  }

  @Override
  public T get(int index) {
    return elements.get(index);
  }

  @Override
  public int size() {
    return hashes.length;
  }
}
