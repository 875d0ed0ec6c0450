package io.featurekv.storage;

import io.featurekv.model.PieceList;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Writes the pieces of a file in a thread of its own, so that whoever fills them does not wait for
 * the disk unless it falls behind by {@value #BUFFERS} pieces. All but the inside of that thread is
 * for one thread.
 *
 * <p>Invariant: every buffer is filled by the caller, waits in {@code full}, is being written, or
 * waits in {@code free}. After a failure buffers are passed on without being written.
 */
final class WriteBehind implements AutoCloseable {
  /** Pieces of memory. */
  private static final int BUFFERS = 3;

  /** Ends the thread. */
  private static final Full END = new Full(0, 0, 0);

  private final UncachedFile file;
  private final VirtualMemory memory;
  private final BlockingQueue<Long> free = new ArrayBlockingQueue<>(BUFFERS);
  private final BlockingQueue<Full> full = new ArrayBlockingQueue<>(BUFFERS + 1);
  private volatile @Nullable Throwable failure;
  private @Nullable Thread thread;

  private record Full(long address, int length, long offset) {}

  WriteBehind(UncachedFile file) {
    this.file = file;
    this.memory = VirtualMemory.allocate((long) BUFFERS * PieceList.PIECE_BYTES);
    for (int i = 0; i < BUFFERS; i++) {
      free.add(memory.address() + PieceList.offsetOf(i));
    }
  }

  /**
   * The address of a free piece of memory; waits for it. Whoever is interrupted gets no more, as if
   * it had written itself.
   */
  long take() throws IOException {
    check();
    if (Thread.currentThread().isInterrupted()) {
      throw new ClosedByInterruptException();
    }
    return taken(free);
  }

  /** Hands a piece over that was taken; its bytes must not change any more. */
  void write(long address, int length, long offset) throws IOException {
    check();
    if (thread == null) {
      thread = Thread.ofPlatform().daemon().name("shard-file-writer").start(this::run);
    }
    full.add(new Full(address, length, offset));
  }

  private void run() {
    for (Full next = taken(full); next.length() > 0; next = taken(full)) {
      if (failure == null) {
        try {
          file.write(next.address(), next.length(), next.offset());
        } catch (IOException | RuntimeException | Error e) {
          failure = e;
        }
      }
      free.add(next.address());
    }
  }

  /** Waits until all is written. */
  void finish() throws IOException {
    end();
    check();
  }

  private void check() throws IOException {
    switch (failure) {
      case null -> {}
      case IOException e -> throw new IOException(e.getMessage(), e);
      case Throwable e -> throw new IllegalStateException("a piece could not be written", e);
    }
  }

  private void end() {
    Thread running = thread;
    if (running == null) {
      return;
    }
    full.add(END);
    boolean isInterrupted = false;
    while (running.isAlive()) {
      try {
        running.join();
      } catch (InterruptedException e) {
        // The disk is waited for all the same: the memory must not go away under it.
        isInterrupted = true;
      }
    }
    thread = null;
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static <T> T taken(BlockingQueue<T> queue) {
    boolean isInterrupted = false;
    try {
      while (true) {
        try {
          return queue.take();
        } catch (InterruptedException e) {
          isInterrupted = true;
        }
      }
    } finally {
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Ends the thread and frees the memory. Idempotent. */
  @Override
  public void close() {
    end();
    memory.close();
  }
}
