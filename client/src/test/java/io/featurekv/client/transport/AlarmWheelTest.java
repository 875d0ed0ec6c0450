package io.featurekv.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AlarmWheelTest {
  private static final int ALARMS = 3_000;
  private static final int LONGEST_MILLIS = 1_200;

  /** One that notes when it rang. */
  private static final class Noted extends Alarm {
    private final CountDownLatch rung;
    private long dueNanos;
    private int rings;
    private boolean early;

    Noted(CountDownLatch rung) {
      this.rung = rung;
    }

    @Override
    protected void ring() {
      rings++;
      early |= System.nanoTime() - dueNanos < 0;
      rung.countDown();
    }
  }

  @Test
  void ringsWhatWasNotCalledOffOnceAndNeverEarly() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<Noted> kept = new ArrayList<>();
    List<Noted> calledOff = new ArrayList<>();
    CountDownLatch rung = new CountDownLatch(ALARMS);
    try (Transport transport = Transport.start(1)) {
      NetworkThread thread = transport.nextThread();
      for (int i = 0; i < ALARMS; i++) {
        Noted alarm = new Noted(rung);
        Noted other = new Noted(rung);
        kept.add(alarm);
        calledOff.add(other);
        int delayMillis = random.nextInt(LONGEST_MILLIS);
        boolean again = random.nextBoolean();
        thread.execute(
            () -> {
              if (again) {
                thread.set(alarm, LONGEST_MILLIS);
              }
              alarm.dueNanos = System.nanoTime() + delayMillis * 1_000_000L;
              thread.set(alarm, delayMillis);
              thread.set(other, LONGEST_MILLIS);
            });
      }
      thread.execute(() -> calledOff.forEach(thread::callOff));
      assertThat(rung.await(30, TimeUnit.SECONDS)).isTrue();
      // Behind everything that rings now.
      CompletableFuture<Void> afterwards = new CompletableFuture<>();
      thread.schedule(LONGEST_MILLIS, () -> afterwards.complete(null));
      afterwards.get(30, TimeUnit.SECONDS);
    }
    assertThat(kept).allMatch(alarm -> alarm.rings == 1 && !alarm.early);
    assertThat(calledOff).allMatch(alarm -> alarm.rings == 0);
  }

  @Test
  void ringsTheOthersWhenOneThrows() throws Exception {
    CountDownLatch rung = new CountDownLatch(2);
    try (Transport transport = Transport.start(1)) {
      NetworkThread thread = transport.nextThread();
      Alarm broken =
          new Alarm() {
            @Override
            protected void ring() {
              throw new IllegalStateException("on purpose");
            }
          };
      Noted first = new Noted(rung);
      Noted last = new Noted(rung);
      thread.execute(
          () -> {
            thread.set(first, 5);
            thread.set(broken, 5);
            thread.set(last, 5);
          });
      assertThat(rung.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }
}
