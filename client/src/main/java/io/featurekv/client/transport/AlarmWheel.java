package io.featurekv.client.transport;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The alarms of one network thread, by the millisecond: a wheel of buckets (Varghese and Lauck,
 * "Hashed and hierarchical timing wheels", 1987). Setting one and calling it off take a few
 * instructions. The event loop has one task for all of them, for the next bucket that is not empty.
 *
 * <p>Invariants: an alarm that is set is linked in the bucket of its tick; while any bucket is not
 * empty, the wake-up is scheduled no later than the first of them is due (or has been, and runs
 * next). Confined to the event loop.
 */
final class AlarmWheel {
  private static final int BUCKETS = 512;

  /** A tick is 2^20 ns, about a millisecond: an alarm rings within two of its time. */
  private static final int TICK_SHIFT = 20;

  private static final long NEVER = Long.MAX_VALUE;

  private final EventLoop loop;
  private final long startNanos = System.nanoTime();
  private final @Nullable Alarm[] buckets = new @Nullable Alarm[BUCKETS];
  private final long[] used = new long[BUCKETS / Long.SIZE];
  private final Runnable turn = this::turn;
  private @Nullable ScheduledFuture<?> wakeUp;
  private long wakeUpTick = NEVER;
  private long turnedTo;

  AlarmWheel(EventLoop loop) {
    this.loop = loop;
  }

  private long nowTick() {
    return (System.nanoTime() - startNanos) >> TICK_SHIFT;
  }

  void set(Alarm alarm, long delayMillis) {
    if (alarm.set) {
      callOff(alarm);
    }
    long dueNanos = System.nanoTime() - startNanos + TimeUnit.MILLISECONDS.toNanos(delayMillis);
    alarm.tick = Math.max(turnedTo, dueNanos >> TICK_SHIFT) + 1;
    alarm.set = true;
    int bucket = (int) alarm.tick & (BUCKETS - 1);
    Alarm head = buckets[bucket];
    alarm.next = head;
    if (head != null) {
      head.previous = alarm;
    }
    buckets[bucket] = alarm;
    used[bucket >> 6] |= 1L << bucket;
    if (alarm.tick < wakeUpTick) {
      wakeUpAt(alarm.tick);
    }
  }

  void callOff(Alarm alarm) {
    if (!alarm.set) {
      return;
    }
    alarm.set = false;
    Alarm next = alarm.next;
    Alarm previous = alarm.previous;
    alarm.next = null;
    alarm.previous = null;
    if (next != null) {
      next.previous = previous;
    }
    if (previous != null) {
      previous.next = next;
      return;
    }
    int bucket = (int) alarm.tick & (BUCKETS - 1);
    buckets[bucket] = next;
    if (next == null) {
      used[bucket >> 6] &= ~(1L << bucket);
    }
  }

  private void wakeUpAt(long tick) {
    ScheduledFuture<?> known = wakeUp;
    if (known != null) {
      known.cancel(false);
    }
    wakeUpTick = tick;
    long delayNanos = (tick << TICK_SHIFT) - (System.nanoTime() - startNanos);
    wakeUp = loop.schedule(turn, Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
  }

  /** Rings what is due; what rings may set and call off others. */
  private void turn() {
    wakeUp = null;
    wakeUpTick = NEVER;
    long now = nowTick();
    long from = Math.max(turnedTo + 1, now - BUCKETS + 1);
    turnedTo = now;
    try {
      for (long tick = from; tick <= now; tick++) {
        int bucket = (int) tick & (BUCKETS - 1);
        for (Alarm due = dueIn(bucket, now); due != null; due = dueIn(bucket, now)) {
          callOff(due);
          due.ring();
        }
      }
    } finally {
      // Where one threw, the others of this turn ring late, in the next round, but they ring.
      long next = nextUsed(now);
      if (next < wakeUpTick) {
        wakeUpAt(next);
      }
    }
  }

  private @Nullable Alarm dueIn(int bucket, long now) {
    Alarm alarm = buckets[bucket];
    while (alarm != null && alarm.tick > now) {
      alarm = alarm.next;
    }
    return alarm;
  }

  /** The next tick whose bucket is not empty, though what is in it may be due some rounds later. */
  private long nextUsed(long now) {
    for (long tick = now + 1; tick <= now + BUCKETS; tick++) {
      int bucket = (int) tick & (BUCKETS - 1);
      if ((used[bucket >> 6] & (1L << bucket)) != 0) {
        return tick;
      }
    }
    return NEVER;
  }
}
