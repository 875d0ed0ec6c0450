package io.featurekv.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ReadLoadTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  static ReadPlan plan(double keysPerSecond, long batches, int inFlight) {
    return new ReadPlan(
        "t",
        1000,
        10,
        2,
        keysPerSecond,
        inFlight,
        new KeyDistribution(0),
        0.5,
        0,
        TimeUnit.MILLISECONDS.toNanos(50),
        batches,
        2,
        1,
        new StandardSet(100));
  }

  /** Answers at once, what a batch's number says. */
  private static final class FakeSource implements BatchSource {
    final ConcurrentLinkedQueue<Long> numbers = new ConcurrentLinkedQueue<>();

    @Override
    public void read(Batch batch, Consumer<Batch> done) {
      numbers.add(batch.number());
      for (int i = 0; i < batch.size(); i++) {
        if (batch.isPresent(i)) {
          batch.addFound();
        } else {
          batch.addAbsent();
        }
      }
      switch ((int) batch.number()) {
        case 3 -> batch.setMixed("mixed");
        case 4 -> batch.setWrong("wrong");
        case 5 -> batch.fail("failed");
        default -> {}
      }
      done.accept(batch);
    }

    @Override
    public void close() {}
  }

  private static ReadReport run(ReadPlan plan, BatchSource source) throws InterruptedException {
    return ReadRun.run(
        plan, source, new ServerCpu(List.of()), TIMEOUT, (seconds, isWarm, tally) -> {});
  }

  @Test
  void sendsAsManyBatchesByTheClockAsItIsTold() throws InterruptedException {
    FakeSource source = new FakeSource();
    ReadReport report = run(plan(100_000, 100, 4), source);
    assertThat(source.numbers).hasSize(100).doesNotHaveDuplicates().contains(0L, 99L);
    assertThat(report.counts().batches()).isEqualTo(100);
    assertThat(report.counts().keys()).isEqualTo(1000);
    assertThat(report.lateness().getTotalCount()).isEqualTo(100);
    assertThat(report.latency().getTotalCount()).isEqualTo(100);
  }

  @Test
  void countsWhatIsMixedWrongAndFailed() throws InterruptedException {
    ReadReport report = run(plan(0, 100, 1), new FakeSource());
    Tally.Counts counts = report.counts();
    assertThat(counts.batches()).isEqualTo(100);
    assertThat(counts.mixed()).isEqualTo(1);
    assertThat(counts.wrong()).isEqualTo(1);
    assertThat(counts.failed()).isEqualTo(10);
    assertThat(counts.failedBatches()).isEqualTo(1);
    assertThat(counts.found() + counts.absent() + counts.failed()).isEqualTo(counts.keys());
    assertThat(report.incorrect()).isEqualTo(2);
    assertThat(report.lateness().getTotalCount()).isZero();
    assertThat(report.notes()).anyMatch(note -> note.startsWith("closed loop"));
  }

  @Test
  void sameSeedSameKeys() {
    Batch one = new Batch(50);
    one.draw(new KeyDistribution(0.99).draws(1000, 5), 0.3);
    Batch other = new Batch(50);
    other.draw(new KeyDistribution(0.99).draws(1000, 5), 0.3);
    for (int i = 0; i < 50; i++) {
      assertThat(one.entry(i)).isEqualTo(other.entry(i));
      assertThat(one.keys().get(i)).isEqualTo(other.keys().get(i));
    }
  }

  /** A batch that had to wait for room counts from when it was due, not from when it was sent. */
  @Test
  void waitingForRoomIsPartOfTheLatency() throws InterruptedException {
    ReadPlan plan = plan(1_000_000, 50, 1);
    ReadReport report =
        run(
            plan,
            new BatchSource() {
              @Override
              public void read(Batch batch, Consumer<Batch> done) {
                if (batch.number() == 0) {
                  // The clock goes on meanwhile: the others are due 10 microseconds apart.
                  PreciseSleep.until(System.nanoTime() + 20_000_000);
                }
                done.accept(batch);
              }

              @Override
              public void close() {}
            });
    assertThat(report.latency().getMaxValue()).isGreaterThanOrEqualTo(19_900_000);
    assertThat(report.lateness().getMaxValue()).isGreaterThanOrEqualTo(19_000_000);
  }
}
