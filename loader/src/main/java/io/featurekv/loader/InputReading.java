package io.featurekv.loader;

import io.featurekv.loader.SplitOutcome.StoredRun;
import io.featurekv.loader.sort.Run;
import io.featurekv.loader.sort.RunFile;
import io.featurekv.loader.source.Part;
import io.featurekv.model.FeatureKvException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The first stage: reads all splits by several threads into sorted runs.
 *
 * <p>A split that begins inside a text assumes where its first row begins. Once the one before it
 * has been read, it is known; a split that assumed wrong is read again. Until then neither its
 * entries nor its failure count.
 */
final class InputReading implements AutoCloseable {
  private final List<Split> splits;
  private final SplitReader reader;
  private final BuildProgressMeter meter;
  private final @Nullable Attempt[] attempts;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger heldFrom = new AtomicInteger(Integer.MAX_VALUE);
  private final ExecutorService threads;
  private final int threadCount;
  private boolean isClosed;

  /** What one reading of a split came to. */
  sealed interface Attempt {
    /** Where it really began; -1 where it could not be opened. */
    long startedAt();
  }

  /** It was read to its end. */
  record Complete(SplitOutcome outcome, List<Run> runs) implements Attempt {
    @Override
    public long startedAt() {
      return outcome.startedAt();
    }
  }

  /** It failed, or too many of its rows were rejected; whether that counts is not known yet. */
  record Held(
      long startedAt, long rows, Rejections rejections, @Nullable FeatureKvException failure)
      implements Attempt {}

  /** Reads one split. Called from several threads. */
  interface SplitReader {
    /** What came of it; throws what does not depend on where the split begins. */
    Attempt read(Split split) throws InterruptedException;
  }

  InputReading(List<Split> splits, SplitReader reader, int threadCount, BuildProgressMeter meter) {
    this.splits = splits;
    this.reader = reader;
    this.meter = meter;
    this.attempts = new Attempt[splits.size()];
    this.threadCount = Math.clamp(splits.size(), 1, threadCount);
    this.threads =
        Executors.newFixedThreadPool(
            this.threadCount, Thread.ofPlatform().daemon().name("featurekv-read-", 0).factory());
  }

  /** Takes a split that another process has read; before {@link #run}. */
  void resume(Complete complete) {
    attempts[complete.outcome().split()] = complete;
  }

  /**
   * Reads everything that is not known yet.
   *
   * @return what was read of each split in order; where too many rows were rejected the last one is
   *     {@link Held} and the rest is not read
   */
  List<Attempt> run() {
    List<Attempt> proved = new ArrayList<>();
    while (proved.size() < splits.size()) {
      readAhead();
      if (!prove(proved)) {
        break;
      }
    }
    return proved;
  }

  /** Reads on until everything was read, or something is held. */
  private void readAhead() {
    List<Future<?>> workers = new ArrayList<>();
    for (int i = 0; i < threadCount; i++) {
      workers.add(threads.submit(this::readSplits));
    }
    for (Future<?> worker : workers) {
      meter.await(worker);
    }
  }

  private void readSplits() {
    try {
      while (heldFrom.get() == Integer.MAX_VALUE && !meter.isStopped()) {
        int number = next.getAndIncrement();
        if (number >= splits.size()) {
          return;
        }
        if (attempts[number] == null) {
          keep(number, reader.read(splits.get(number)));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      meter.stop(meter.cancelled());
    } catch (RuntimeException | Error e) {
      meter.stop(e);
      throw e;
    }
  }

  private void keep(int number, Attempt attempt) {
    attempts[number] = attempt;
    if (attempt instanceof Held) {
      heldFrom.accumulateAndGet(number, Math::min);
    }
  }

  /** Accepts what begins where the one before it ended; false when the rest is not to be read. */
  private boolean prove(List<Attempt> proved) {
    heldFrom.set(Integer.MAX_VALUE);
    while (proved.size() < splits.size()) {
      int number = proved.size();
      Attempt attempt = attempts[number];
      if (attempt == null) {
        // Another one was held; what was handed out before it has been read.
        next.set(number);
        return true;
      }
      long begin = begin(number, proved);
      if (begin >= 0 && attempt.startedAt() >= 0 && attempt.startedAt() != begin) {
        discard(attempt);
        attempt = again(splits.get(number).from(begin));
        attempts[number] = attempt;
      }
      if (attempt instanceof Held held) {
        if (held.failure() != null) {
          throw held.failure();
        }
        proved.add(held);
        return false;
      }
      proved.add(attempt);
    }
    return true;
  }

  private Attempt again(Split split) {
    return meter.await(threads.submit(() -> reader.read(split)));
  }

  /** Where a split has to begin, -1 where it begins an input. */
  private long begin(int number, List<Attempt> proved) {
    if (number == 0 || !(proved.get(number - 1) instanceof Complete before)) {
      return -1;
    }
    Part first = splits.get(number).parts().getFirst();
    Part last = splits.get(number - 1).parts().getLast();
    return first.input() == last.input() ? before.outcome().endedAt() : -1;
  }

  private static void discard(Attempt attempt) {
    if (attempt instanceof Complete complete) {
      complete.runs().forEach(RunMaking::discard);
    }
  }

  /** All runs of splits that were read to their end, in input order; the caller owns them. */
  static List<Run> runs(List<Attempt> proved) {
    List<Run> runs = new ArrayList<>();
    for (Attempt attempt : proved) {
      if (attempt instanceof Complete complete) {
        runs.addAll(complete.runs());
      }
    }
    return runs;
  }

  /** The runs that lie in files, as an outcome tells of them. */
  static List<StoredRun> stored(List<Run> runs) {
    List<StoredRun> stored = new ArrayList<>();
    for (Run run : runs) {
      if (run instanceof RunFile file) {
        stored.add(new StoredRun(file.path().getFileName().toString(), file.index()));
      }
    }
    return stored;
  }

  /** Gives up everything that was read, once it is closed; files may be kept for another time. */
  void abandon(boolean keepFiles) {
    for (Attempt attempt : attempts) {
      if (attempt instanceof Complete complete) {
        complete.runs().forEach(keepFiles ? Run::close : RunMaking::discard);
      }
    }
  }

  /** Ends its threads, but for those that wait for an input that brings nothing. */
  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      BuildProgressMeter.endReaders(threads);
    }
  }
}
