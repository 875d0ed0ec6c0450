package io.featurekv.loader;

import io.featurekv.loader.row.EntryMapper;
import io.featurekv.loader.sort.Duplicates;
import io.featurekv.loader.sort.MemoryRun;
import io.featurekv.loader.sort.Run;
import io.featurekv.loader.sort.RunFile;
import io.featurekv.loader.sort.SortBuffer;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Makes sorted runs of the entries of one split. A full buffer is sorted and written by a thread of
 * the sorters, while the next one fills. One thread fills.
 */
final class RunMaking implements SplitReading.EntrySink {
  private final BufferPool buffers;
  private final ExecutorService sorters;
  private final Duplicates duplicates;
  private final RunFiles files;
  private final BuildProgressMeter meter;
  private final int split;
  private final List<Future<Run>> making = new ArrayList<>();
  private @Nullable SortBuffer buffer;

  RunMaking(
      int split,
      BufferPool buffers,
      ExecutorService sorters,
      Duplicates duplicates,
      RunFiles files,
      BuildProgressMeter meter) {
    this.meter = meter;
    this.split = split;
    this.buffers = buffers;
    this.sorters = sorters;
    this.duplicates = duplicates;
    this.files = files;
  }

  @Override
  public void add(long hash, long location, EntryMapper entry) throws InterruptedException {
    SortBuffer filling = buffer;
    if (filling == null) {
      filling = buffers.take();
      buffer = filling;
    }
    if (!add(filling, hash, location, entry)) {
      buffer = null;
      sort(filling);
      filling = buffers.take();
      buffer = filling;
      if (!add(filling, hash, location, entry)) {
        throw new AssertionError("an empty buffer takes any record");
      }
    }
  }

  private static boolean add(SortBuffer to, long hash, long location, EntryMapper entry) {
    boolean deletion = entry.isDelete();
    return to.add(
        hash,
        location,
        deletion,
        entry.keyArray(),
        entry.keyOffset(),
        entry.keyLength(),
        entry.valueArray(),
        entry.valueOffset(),
        deletion ? 0 : entry.valueLength(),
        entry.expirySeconds());
  }

  private void sort(SortBuffer full) {
    int number = making.size();
    try {
      making.add(sorters.submit(() -> sorted(full, number)));
    } catch (RejectedExecutionException e) {
      // The build has ended while its input brought nothing.
      buffers.give(full);
      throw new FeatureKvException(ErrorCode.TRY_AGAIN, "the build has ended", e);
    }
  }

  private Run sorted(SortBuffer full, int number) {
    try {
      goOn();
      full.sort(duplicates);
      goOn();
      if (!files.isKept() && buffers.keep(full)) {
        return new MemoryRun(full);
      }
      RunFile written = full.writeTo(files.path(split, number));
      buffers.give(full);
      return written;
    } catch (RuntimeException | Error e) {
      buffers.give(full);
      throw e;
    }
  }

  /** Sorting takes seconds, and so does writing: neither is begun once nobody wants it. */
  private void goOn() {
    if (meter.isStopped()) {
      throw meter.cancelled();
    }
  }

  /** The runs in input order, once all are sorted; when it fails, none is left. */
  List<Run> finish() throws InterruptedException {
    SortBuffer last = buffer;
    buffer = null;
    if (last != null) {
      sort(last);
    }
    List<Run> runs = new ArrayList<>();
    Throwable failure = null;
    for (Future<Run> run : making) {
      try {
        runs.add(run.get());
      } catch (ExecutionException e) {
        failure = failure == null ? e.getCause() : failure;
      }
    }
    if (failure != null) {
      runs.forEach(RunMaking::discard);
      throw unchecked(failure);
    }
    return runs;
  }

  /** Gives up what was made so far. */
  void abandon() {
    SortBuffer last = buffer;
    buffer = null;
    if (last != null) {
      buffers.give(last);
    }
    boolean interrupted = false;
    for (Future<Run> run : making) {
      boolean ended = false;
      while (!ended) {
        try {
          discard(run.get());
          ended = true;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          ended = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  static void discard(Run run) {
    if (run instanceof RunFile file) {
      file.delete();
    } else {
      run.close();
    }
  }

  private static RuntimeException unchecked(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException runtime
        ? runtime
        : new FeatureKvException(ErrorCode.INTERNAL, "sorting failed: " + cause, cause);
  }
}
