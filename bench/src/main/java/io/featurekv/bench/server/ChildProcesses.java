package io.featurekv.bench.server;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Processes that have ended once it is closed; none is started afterwards. Thread-safe.
 *
 * <p>Invariant: a process runs unseen only while the lock is held.
 */
public final class ChildProcesses implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Duration patience;
  private final Set<Process> running = new HashSet<>();
  private boolean isClosed;

  /** None yet. */
  public ChildProcesses() {
    this(PATIENCE);
  }

  /**
   * None yet.
   *
   * @param patience with one that is asked to end, before it is killed
   */
  ChildProcesses(Duration patience) {
    this.patience = patience;
  }

  /** Starts one. */
  public synchronized Process start(ProcessBuilder builder) throws IOException {
    if (isClosed) {
      throw new IOException("interrupted");
    }
    Process process = builder.start();
    running.add(process);
    return process;
  }

  /** Ends one, if it has not ended by itself. */
  public void end(Process process) {
    end(process, patience);
    synchronized (this) {
      running.remove(process);
    }
  }

  /** Asks a process to end, waits as long, and kills it if it has not ended then. */
  static void end(Process process, Duration patience) {
    process.destroy();
    try {
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        // One that the kernel holds up does not hold up us.
        var _ = process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    List<Process> left;
    synchronized (this) {
      isClosed = true;
      left = List.copyOf(running);
    }
    left.forEach(Process::destroy);
    left.forEach(this::end);
  }
}
