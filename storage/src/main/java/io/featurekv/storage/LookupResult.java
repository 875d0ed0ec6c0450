package io.featurekv.storage;

import io.featurekv.model.Limits;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was found for each key of a batch: a state and, where found, where the value's bytes lie.
 * The bytes live as long as the leases under which they were looked up and until {@link #reset}.
 * Reused; not thread-safe.
 *
 * <p>Values of kinds {@code mem} and {@code idx} lie in the file's memory. Those of {@code blk} are
 * copied to scratch memory of this object, which holds at most {@value #SCRATCH_LIMIT_BYTES} bytes
 * and one value more; keys beyond that are {@link #DEFERRED}.
 */
public final class LookupResult implements AutoCloseable {
  /** Not looked up, or not in the files asked so far. */
  public static final byte UNRESOLVED = 0;

  public static final byte FOUND = 1;
  public static final byte ABSENT = 2;
  public static final byte FAILED = 4;

  /**
   * There was no room left for the values of this batch: nothing is known of the key, ask again for
   * it in another batch.
   */
  public static final byte DEFERRED = 5;

  /**
   * Scratch memory that is filled before keys are deferred; a key of an empty scratch always gets
   * its value.
   */
  public static final int SCRATCH_LIMIT_BYTES = Limits.REPLY_SOFT_LIMIT_BYTES;

  private static final int CHUNK_BYTES = 256 << 10;

  /** Frees the native memory when the owner forgot to close. */
  private static final Cleaner CLEANER = Cleaner.create();

  private final byte[] states;
  private final long[] addresses;
  private final int[] lengths;
  private final @Nullable String[] failures;
  private int count;
  private boolean hasFailures;
  private boolean isMapped;

  private final Scratch scratch = new Scratch();
  private final Cleaner.Cleanable cleanable = CLEANER.register(this, scratch::close);
  private long chunkAt;
  private long chunkEnd;
  private long scratchUsed;

  /** What must be freed. */
  private static final class Scratch implements AutoCloseable {
    final BlockDecoder decoder = new BlockDecoder();
    final List<VirtualMemory> chunks = new ArrayList<>();

    @Override
    public void close() {
      decoder.close();
      chunks.forEach(VirtualMemory::close);
      chunks.clear();
    }
  }

  public LookupResult(int maxKeys) {
    this.states = new byte[maxKeys];
    this.addresses = new long[maxKeys];
    this.lengths = new int[maxKeys];
    this.failures = new String[maxKeys];
  }

  /** All of {@code count} keys UNRESOLVED, scratch memory reusable. */
  public void reset(int count) {
    Arrays.fill(states, 0, count, UNRESOLVED);
    if (hasFailures) {
      Arrays.fill(failures, null);
      hasFailures = false;
    }
    this.count = count;
    isMapped = false;
    scratch.decoder.trim();
    if (scratchUsed > 0) {
      keepOneChunk();
      scratchUsed = 0;
    }
  }

  private void keepOneChunk() {
    VirtualMemory first = scratch.chunks.getFirst();
    for (VirtualMemory chunk : scratch.chunks) {
      if (chunk != first || chunk.sizeBytes() > CHUNK_BYTES) {
        chunk.close();
      }
    }
    scratch.chunks.clear();
    chunkAt = 0;
    chunkEnd = 0;
    if (first.sizeBytes() <= CHUNK_BYTES) {
      scratch.chunks.add(first);
      chunkAt = first.address();
      chunkEnd = chunkAt + first.sizeBytes();
    }
  }

  /** How many keys it was reset to. */
  public int count() {
    return count;
  }

  public byte state(int key) {
    return states[key];
  }

  /** Bytes of the value of a FOUND key. */
  public int length(int key) {
    return lengths[key];
  }

  /** Address in memory of the value of a FOUND key. */
  public long valueAddress(int key) {
    return addresses[key];
  }

  /**
   * Copies the value of a FOUND key to a place that has room for it.
   *
   * @throws IndexOutOfBoundsException where it has none
   */
  public void copyValue(int key, MemorySegment target, long at) {
    int length = lengths[key];
    if (target.isNative() && !target.isReadOnly()) {
      Objects.checkFromIndexSize(at, length, target.byteSize());
      NativeMemory.copy(address(key), target.address() + at, length);
    } else {
      MemorySegment.copy(NativeMemory.segment(address(key), length), 0, target, at, length);
    }
  }

  /**
   * Copies the value of a FOUND key to a place outside the heap.
   *
   * @param target absolute address; the caller has checked that there is room for {@link #length}
   */
  public void copyValue(int key, long target) {
    NativeMemory.copy(addresses[key], target, lengths[key]);
  }

  /**
   * Has the JDK deliver now what it knows of pages that could not be read: it tells of them at the
   * thread's next stop, and a call into native code is one.
   *
   * @throws InternalError when one of the values copied before could not be read
   */
  public void settle() {
    if (isMapped) {
      VirtualMemory.passThroughNative();
    }
  }

  /** A value of this batch lies in the map of a file. */
  void foundInMap() {
    isMapped = true;
  }

  /** A view of the value of a FOUND key. */
  public MemorySegment value(int key) {
    return NativeMemory.segment(address(key), lengths[key]);
  }

  private long address(int key) {
    if (states[key] != FOUND) {
      throw new IllegalStateException("key " + key + " has no value, its state is " + states[key]);
    }
    return addresses[key];
  }

  /**
   * Reads the values of all FOUND keys and makes those FAILED that cannot be read, for after a copy
   * ended in an {@link InternalError}.
   */
  public void failUnreadable() {
    for (int key = 0; key < count; key++) {
      if (states[key] == FOUND) {
        try {
          byte[] copy = new byte[lengths[key]];
          NativeMemory.copy(addresses[key], copy, 0, copy.length);
        } catch (InternalError e) {
          fail(key, "the file cannot be read: " + e.getMessage());
        }
      }
    }
  }

  /** Why a key is FAILED; null otherwise. */
  public @Nullable String failure(int key) {
    return failures[key];
  }

  /** Makes a key FAILED. */
  public void fail(int key, String reason) {
    states[key] = FAILED;
    failures[key] = reason;
    hasFailures = true;
  }

  void found(int key, long address, int length) {
    addresses[key] = address;
    lengths[key] = length;
    states[key] = FOUND;
  }

  /** What an entry says of a key: a tombstone and one that has expired say that it is not there. */
  void resolve(
      int key, boolean isTombstone, int expirySeconds, long readTime, long address, int length) {
    boolean isExpired =
        expirySeconds != ShardWriter.NO_EXPIRY && Integer.toUnsignedLong(expirySeconds) <= readTime;
    if (isTombstone || isExpired) {
      states[key] = ABSENT;
    } else {
      found(key, address, length);
    }
  }

  /** FOUND with a copy of the value in scratch memory, or DEFERRED where that is full. */
  void foundCopied(int key, long source, int length) {
    if (!hasScratchFor(length)) {
      defer(key);
      return;
    }
    long target = room(length);
    NativeMemory.copy(source, target, length);
    found(key, target, length);
  }

  private long room(int length) {
    if (length > chunkEnd - chunkAt) {
      VirtualMemory chunk = VirtualMemory.allocate(Math.max(CHUNK_BYTES, length));
      scratch.chunks.add(chunk);
      chunkAt = chunk.address();
      chunkEnd = chunkAt + chunk.sizeBytes();
    }
    long target = chunkAt;
    chunkAt += length;
    scratchUsed += length;
    return target;
  }

  boolean hasScratchFor(int length) {
    return scratchUsed == 0 || scratchUsed + length < SCRATCH_LIMIT_BYTES;
  }

  /** Makes every UNRESOLVED key ABSENT. */
  void absentIfUnresolved() {
    byte[] all = states;
    for (int key = 0; key < count; key++) {
      all[key] = all[key] == UNRESOLVED ? ABSENT : all[key];
    }
  }

  void absent(int key) {
    states[key] = ABSENT;
  }

  /** Makes a key DEFERRED. */
  public void defer(int key) {
    states[key] = DEFERRED;
  }

  BlockDecoder decoder() {
    return scratch.decoder;
  }

  /** Frees the memory outside the heap. Idempotent. */
  @Override
  public void close() {
    cleanable.clean();
  }
}
