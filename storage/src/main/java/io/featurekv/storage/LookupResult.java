package io.featurekv.storage;

import io.featurekv.model.Limits;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What was found for each key of a batch: a state and, where found, where the value's bytes lie.
 * The bytes live as long as the lease under which they were looked up and until {@link #reset}.
 * Reused; not thread-safe.
 *
 * <p>Values of kinds {@code mem} and {@code idx} lie in the file. Those of {@code blk} are decoded
 * into scratch memory of this object, which holds at most {@value #SCRATCH_LIMIT_BYTES} bytes and
 * one value more; keys beyond that are {@link #DEFERRED}.
 */
public final class LookupResult implements AutoCloseable {
  /** Not looked up, or not in the files asked so far. */
  public static final byte UNRESOLVED = 0;

  public static final byte FOUND = 1;
  public static final byte ABSENT = 2;

  /** A tombstone was found; {@link ShardChain#lookup} turns it into ABSENT. */
  public static final byte DELETED = 3;

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

  /** Frees the decoder's native memory when the owner forgot to close. */
  private static final Cleaner CLEANER = Cleaner.create();

  private final byte[] states;
  private final @Nullable MemorySegment[] sources;
  private final long[] offsets;
  private final int[] lengths;
  private final @Nullable String[] failures;
  private int count;

  private final BlockDecoder decoder = new BlockDecoder();
  private final Cleaner.Cleanable cleanable = CLEANER.register(this, decoder::close);
  private MemorySegment chunk = MemorySegment.NULL;
  private long chunkUsed;
  private long scratchUsed;

  public LookupResult(int maxKeys) {
    this.states = new byte[maxKeys];
    this.sources = new MemorySegment[maxKeys];
    this.offsets = new long[maxKeys];
    this.lengths = new int[maxKeys];
    this.failures = new String[maxKeys];
  }

  /** All of {@code count} keys UNRESOLVED, scratch memory reusable. */
  public void reset(int count) {
    Arrays.fill(sources, 0, this.count, null);
    Arrays.fill(failures, 0, this.count, null);
    Arrays.fill(states, 0, count, UNRESOLVED);
    this.count = count;
    decoder.trim();
    if (chunk.byteSize() > CHUNK_BYTES) {
      chunk = MemorySegment.NULL;
    }
    chunkUsed = 0;
    scratchUsed = 0;
  }

  public byte state(int key) {
    return states[key];
  }

  /** Segment that holds the value of a FOUND key. */
  public MemorySegment source(int key) {
    MemorySegment source = sources[key];
    if (source == null) {
      throw new IllegalStateException("key " + key + " has no value, its state is " + states[key]);
    }
    return source;
  }

  /** Where the value of a FOUND key begins in its source. */
  public long offset(int key) {
    return offsets[key];
  }

  /** Bytes of the value of a FOUND key. */
  public int length(int key) {
    return lengths[key];
  }

  /** Copies the value of a FOUND key to a place that has room for it. */
  public void copyValue(int key, MemorySegment target, long at) {
    MemorySegment.copy(source(key), offsets[key], target, at, lengths[key]);
  }

  /** Why a key is FAILED; null otherwise. */
  public @Nullable String failure(int key) {
    return failures[key];
  }

  /** Makes a key FAILED. */
  public void fail(int key, String reason) {
    states[key] = FAILED;
    failures[key] = reason;
    sources[key] = null;
  }

  void found(int key, MemorySegment source, long offset, int length) {
    sources[key] = source;
    offsets[key] = offset;
    lengths[key] = length;
    states[key] = FOUND;
  }

  /** FOUND with a copy of the value in scratch memory, or DEFERRED where that is full. */
  void foundCopied(int key, MemorySegment source, long offset, int length) {
    if (!hasScratchFor(length)) {
      defer(key);
      return;
    }
    if (length > chunk.byteSize() - chunkUsed) {
      chunk = MemorySegment.ofArray(new byte[Math.max(CHUNK_BYTES, length)]);
      chunkUsed = 0;
    }
    MemorySegment.copy(source, offset, chunk, chunkUsed, length);
    found(key, chunk, chunkUsed, length);
    chunkUsed += length;
    scratchUsed += length;
  }

  boolean hasScratchFor(int length) {
    return scratchUsed == 0 || scratchUsed + length < SCRATCH_LIMIT_BYTES;
  }

  void deleted(int key) {
    states[key] = DELETED;
  }

  void absent(int key) {
    states[key] = ABSENT;
  }

  void defer(int key) {
    states[key] = DEFERRED;
  }

  BlockDecoder decoder() {
    return decoder;
  }

  /** Frees the memory outside the heap. Idempotent. */
  @Override
  public void close() {
    cleanable.clean();
  }
}
