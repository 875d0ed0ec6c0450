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
  private final int index;
  private final AlarmWheel alarms;

  NetworkThread(EventLoop loop, int index) {
    this.loop = loop;
    this.index = index;
    this.alarms = new AlarmWheel(loop);
  }

  /** A task that waits for its time. */
  public interface Timer {
    /** Keeps the task from running if it has not started; further calls do nothing. */
    void cancel();
  }

  /** Which of the transport's threads this is: 0 until their number. */
  public int index() {
    return index;
  }

  EventLoop loop() {
    return loop;
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
    return scheduleNanos(TimeUnit.MILLISECONDS.toNanos(delayMillis), task);
  }

  /** As {@link #schedule}, for delays of less than a millisecond. */
  public Timer scheduleNanos(long delayNanos, Runnable task) {
    var scheduled = loop.schedule(task, Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }

  /**
   * Sets an alarm, or sets it anew; only on this thread. It rings at the time or up to 3 ms later.
   *
   * @throws java.util.concurrent.RejectedExecutionException when the transport is closed
   */
  public void set(Alarm alarm, long delayMillis) {
    alarms.set(alarm, Math.max(0, delayMillis));
  }

  /** Keeps an alarm from ringing, if it is set at all; only on this thread. */
  public void callOff(Alarm alarm) {
    alarms.callOff(alarm);
  }

  /** Whether the caller runs on this thread. */
  public boolean isCurrent() {
    return loop.inEventLoop();
  }
}
