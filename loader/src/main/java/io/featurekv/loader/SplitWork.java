package io.featurekv.loader;

import io.featurekv.loader.InputReading.Attempt;
import io.featurekv.loader.InputReading.Complete;
import io.featurekv.loader.InputReading.Held;
import io.featurekv.loader.sort.Run;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.function.IntConsumer;

/** Reads splits of one build into sorted runs. Thread-safe. */
final class SplitWork {
  private final BuildSpec spec;
  private final BuildInputs inputs;
  private final long mostRejected;
  private final BufferPool buffers;
  private final ExecutorService sorters;
  private final BuildDirectory directory;
  private final BuildProgressMeter meter;
  private final IntConsumer pace;

  /** {@code pace} is told of input bytes that were read, and may block to slow the reading down. */
  SplitWork(
      BuildSpec spec,
      BuildInputs inputs,
      long mostRejected,
      BufferPool buffers,
      ExecutorService sorters,
      BuildDirectory directory,
      BuildProgressMeter meter,
      IntConsumer pace) {
    this.spec = spec;
    this.inputs = inputs;
    this.mostRejected = mostRejected;
    this.buffers = buffers;
    this.sorters = sorters;
    this.directory = directory;
    this.meter = meter;
    this.pace = pace;
  }

  /** As {@link InputReading.SplitReader} wants it. */
  Attempt read(Split split) throws InterruptedException {
    RunFiles files = directory.runFiles();
    Rejections rejections =
        Rejections.begin(files.rejections(split.number()), spec.rejectsFile() != null);
    RowDrops drops = new RowDrops(spec.lastDuplicateWins(), spec.shards(), rejections);
    RunMaking making = new RunMaking(split.number(), buffers, sorters, drops, files, meter);
    SplitReading reading =
        new SplitReading(
            split, inputs, spec.shards(), making, rejections, mostRejected, this::read);
    boolean finished = false;
    try {
      reading.read();
      if (reading.isHopeless()) {
        FeatureKvException missing =
            reading.missing().isEmpty()
                ? null
                : new FeatureKvException(ErrorCode.INVALID_ARGUMENT, reading.missing());
        return new Held(reading.startedAt(), reading.rows(), rejections, missing);
      }
      List<Run> runs = making.finish();
      finished = true;
      return complete(split, reading, rejections, drops, runs);
    } catch (FeatureKvException e) {
      if (meter.isStopped() || !dependsOnItsBeginning(split, reading)) {
        throw e;
      }
      return new Held(reading.startedAt(), reading.rows(), rejections, e);
    } finally {
      if (!finished) {
        making.abandon();
      }
      rejections.close();
    }
  }

  private void read(long rows, long bytes) {
    meter.add(rows, bytes);
    pace.accept((int) Math.min(Integer.MAX_VALUE, bytes));
  }

  /** Whether it begins inside an input, where it may have assumed wrong. */
  private static boolean dependsOnItsBeginning(Split split, SplitReading reading) {
    return reading.startedAt() >= 0 && split.parts().getFirst().from() > 0;
  }

  private Complete complete(
      Split split, SplitReading reading, Rejections rejections, RowDrops drops, List<Run> runs) {
    SplitOutcome outcome =
        new SplitOutcome(
            split.number(),
            reading.rows(),
            rejections.count(),
            rejections.first(),
            reading.parsed(),
            drops.tallies(),
            reading.parts(),
            reading.startedAt(),
            reading.endedAt(),
            InputReading.stored(runs));
    rejections.close();
    directory.finish(outcome);
    return new Complete(outcome, runs);
  }
}
