package io.featurekv.metadata;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One split of a cluster build.
 *
 * <p>A split that begins within a file is read before it is known where the one before it ends. It
 * is proved when that fits; only then its rows count. Until then its tallies wait here.
 *
 * @param figures what reading it came to; null until then. They stay when the runs are lost, since
 *     reading it again must come to the same
 * @param talliesHash hash of its tallies but for drops, for that comparison
 * @param rowsBefore rows of the file that it begins in before it, known when it is proved
 * @param proved whether its tallies are in the build's
 * @param doubted whether it failed where it was begun by assumption: it waits for the one before it
 * @param tallies null unless it was read and is not proved
 * @param rejected the first rows refused, likewise
 */
public record SplitRecord(
    PlannedSplit planned,
    WorkRecord work,
    @Nullable SplitFigures figures,
    long talliesHash,
    long rowsBefore,
    boolean proved,
    boolean doubted,
    @Nullable ShardTallies tallies,
    List<TaskReject> rejected) {
  public SplitRecord {
    rejected = List.copyOf(rejected);
  }

  static SplitRecord of(PlannedSplit planned) {
    return new SplitRecord(planned, WorkRecord.NEW, null, 0, 0, false, false, null, List.of());
  }

  /** Whether it was read, its rows count, and its runs are there. */
  public boolean isDone() {
    return proved && work.state() == WorkState.DONE;
  }

  SplitRecord with(WorkRecord newWork) {
    return new SplitRecord(
        planned, newWork, figures, talliesHash, rowsBefore, proved, doubted, tallies, rejected);
  }

  /** Given back because it failed where it may not begin. */
  SplitRecord doubted(WorkRecord newWork) {
    return new SplitRecord(
        planned, newWork, figures, talliesHash, rowsBefore, proved, true, tallies, rejected);
  }

  SplitRecord read(
      WorkRecord newWork,
      SplitFigures newFigures,
      ShardTallies newTallies,
      List<TaskReject> newRejected) {
    return new SplitRecord(
        planned,
        newWork,
        newFigures,
        BuildCodec.hash(newTallies.withoutDrops()),
        0,
        false,
        false,
        newTallies,
        newRejected);
  }

  /** Read once more, and come to the same; what sorting dropped may be other. */
  SplitRecord readAgain(WorkRecord newWork, SplitFigures newFigures) {
    return new SplitRecord(
        planned, newWork, newFigures, talliesHash, rowsBefore, proved, doubted, tallies, rejected);
  }

  SplitRecord proved(long newRowsBefore) {
    return new SplitRecord(
        planned, work, figures, talliesHash, newRowsBefore, true, false, null, List.of());
  }

  /** Read wrongly, or lost before it was proved: as if it had never been read. */
  SplitRecord unread(WorkRecord newWork) {
    return new SplitRecord(planned, newWork, null, 0, 0, false, false, null, List.of());
  }
}
