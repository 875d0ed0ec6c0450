package io.featurekv.client.transport;

import io.netty.channel.EventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * One thread of a {@link Transport}: runs tasks one after another, in the order they came. State
 * that only its tasks touch needs no lock.
 */
public final class NetworkThread implements Executor {
  private final EventLoop loop;

  NetworkThread(EventLoop loop) {
    this.loop = loop;
  }

  /** A task that waits for its time. */
  public interface Timer {
    /** Keeps the task from running if it has not started; further calls do nothing. */
    void cancel();
  }

  /**
   * Runs a task soon.
   *
   * @throws java.util.concurrent.RejectedExecutionException when the transport is closed
   */
  @Override
  public void execute(Runnable task) {
    loop.execute(task);
  }

  /**
   * Runs a task after a delay.
   *
   * @throws java.util.concurrent.RejectedExecutionException when the transport is closed
   */
  public Timer schedule(long delayMillis, Runnable task) {
    var scheduled = loop.schedule(task, Math.max(0, delayMillis), TimeUnit.MILLISECONDS);
    return () -> scheduled.cancel(false);
  }

  /** Whether the caller runs on this thread. */
  public boolean isCurrent() {
    return loop.inEventLoop();
  }
}
