package io.featurekv.loader;

import io.featurekv.loader.sort.SortBuffer;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/**
 * The sort buffers of one build within a bound on their memory. A full buffer may be kept in memory
 * as it is, as long as enough is left to go on reading with. Thread-safe.
 *
 * <p>Invariant: buffers in use or free count as if they were full, kept ones by what they hold; the
 * sum is at most the bound.
 */
final class BufferPool implements AutoCloseable {
  /** Larger ones make sorting no cheaper, and more runs hardly make merging dearer. */
  private static final long MAX_BUFFER_BYTES = 256L << 20;

  /** What is larger goes to the disk: memory that is touched for the first time is not cheaper. */
  private static final long MAX_KEPT_BYTES = 384L << 20;

  private final long boundBytes;
  private final int least;
  private final long bufferBytes;
  private final LongFunction<SortBuffer> maker;
  private final Consumer<SortBuffer> disposer;
  private final Deque<SortBuffer> free = new ArrayDeque<>();
  private final Set<SortBuffer> inUse = new HashSet<>();
  private long countedBytes;
  private long keptBytes;
  private boolean closed;

  /**
   * A pool.
   *
   * @param least so many buffers there can be in use at once, whatever is kept
   * @param maker makes a buffer of so many bytes
   */
  BufferPool(long boundBytes, int least, LongFunction<SortBuffer> maker) {
    this(boundBytes, least, maker, SortBuffer::close);
  }

  /** The same, with what is done with empty buffers that are of no use here any more. */
  BufferPool(
      long boundBytes, int least, LongFunction<SortBuffer> maker, Consumer<SortBuffer> disposer) {
    this.boundBytes = boundBytes;
    this.least = least;
    this.bufferBytes = Math.min(MAX_BUFFER_BYTES, boundBytes / least);
    this.maker = maker;
    this.disposer = disposer;
  }

  long bufferBytes() {
    return bufferBytes;
  }

  /** An empty buffer; waits for one. */
  synchronized SortBuffer take() throws InterruptedException {
    while (free.isEmpty() && countedBytes + bufferBytes > boundBytes && !closed) {
      wait();
    }
    if (closed) {
      throw new FeatureKvException(ErrorCode.TRY_AGAIN, "the build has ended");
    }
    SortBuffer buffer = free.pollFirst();
    if (buffer == null) {
      countedBytes += bufferBytes;
      buffer = maker.apply(bufferBytes);
    }
    inUse.add(buffer);
    return buffer;
  }

  /** Takes a buffer back, whatever is in it. */
  synchronized void give(SortBuffer buffer) {
    inUse.remove(buffer);
    buffer.clear();
    if (closed) {
      disposer.accept(buffer);
    } else {
      free.addLast(buffer);
      notifyAll();
    }
  }

  /** Whether a buffer may stay in memory as it is; its owner closes it then. */
  synchronized boolean keep(SortBuffer buffer) {
    long counted = countedBytes - bufferBytes + buffer.usedBytes();
    long others = (long) (inUse.size() - 1 + free.size()) * bufferBytes;
    long needed = Math.max(0, least * bufferBytes - others);
    if (closed
        || counted + needed > boundBytes
        || keptBytes + buffer.usedBytes() > MAX_KEPT_BYTES) {
      return false;
    }
    countedBytes = counted;
    keptBytes += buffer.usedBytes();
    inUse.remove(buffer);
    notifyAll();
    return true;
  }

  /** Frees what is free; what is in use is freed as it comes back. Idempotent. */
  @Override
  public synchronized void close() {
    closed = true;
    free.forEach(disposer);
    free.clear();
    notifyAll();
  }
}
