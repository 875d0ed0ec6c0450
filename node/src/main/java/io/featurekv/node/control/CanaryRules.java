package io.featurekv.node.control;

import io.featurekv.metadata.Canary;
import io.featurekv.metadata.CanaryCounts;
import io.featurekv.metadata.CanaryPlan;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.Placement;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.VersionRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a version that is ready and shall be active: at once, or after a trial in one
 * sect. Pure functions of the metadata and of what the nodes have counted.
 *
 * <p>A trial goes back when its reads fail more often than is allowed: more than {@link
 * #MAX_ERROR_RATE} and more than {@link #TIMES_THE_ACTIVE} times as often as those of the active
 * version in the same time. {@link #MIN_ERRORS} errors are enough to say so at any time; fewer only
 * when the trial is over and they are {@link #GROSS_ERROR_RATE} of all reads. A trial that nobody
 * read in goes on; its task says so.
 *
 * <p>How long a trial has lasted is what one leader has seen of it by its monotonic clock: wrong
 * clocks make it neither shorter nor endless. Under another leader it lasts that much longer.
 */
final class CanaryRules {
  /** Fewer errors are chance, unless hardly anything was read. */
  static final int MIN_ERRORS = 10;

  /** Share of the reads that may fail whatever the active version does. */
  static final double MAX_ERROR_RATE = 0.001;

  /** How many times as often as those of the active version they may fail. */
  static final double TIMES_THE_ACTIVE = 2;

  /** From this share on, few errors are enough. */
  static final double GROSS_ERROR_RATE = 0.1;

  /** How often counts that have changed are put into the metadata, for people to see. */
  static final long TELL_MILLIS = 5_000;

  /** How long the end waits for nodes that have not told what they counted. */
  static final long EVIDENCE_PATIENCE_MILLIS = 5_000;

  /** How long it waits for the sect, when that has lost a node. */
  static final long SECT_PATIENCE_MILLIS = 60_000;

  private CanaryRules() {}

  /** A trial that goes on, to be watched. */
  record Trial(long tableId, long version, long sinceMillis) {
    static Trial of(TableRecord table, Canary canary) {
      return new Trial(table.id(), canary.version(), canary.sinceMillis());
    }
  }

  /** What was last told of a trial, to be watched. */
  record Told(Trial trial, CanaryCounts counts) {}

  /** What the leader has to have an eye on. */
  static List<Object> watched(ClusterMetadata metadata) {
    List<Object> all = new ArrayList<>();
    for (TableRecord table : metadata.tables().values()) {
      Canary canary = table.canary();
      if (canary != null) {
        Trial trial = Trial.of(table, canary);
        all.add(trial);
        all.add(new Told(trial, canary.counts()));
      }
    }
    return all;
  }

  /**
   * The next step of a READY version that is to become active by itself and is not superseded.
   *
   * @param evidence what was counted of a table's trial
   * @param unchangedMillis how long a {@link Trial} has gone on and what was {@link Told} has been
   *     the last word, as this leader has seen it
   * @param decided what is due besides, of tables and versions before this one
   */
  static Optional<Command> step(
      ClusterMetadata metadata,
      TableRecord table,
      VersionRecord version,
      Function<TableRecord, CanaryEvidence> evidence,
      ToLongFunction<Object> unchangedMillis,
      List<Command> decided) {
    TaskRecord task = metadata.tasks().get(version.taskId());
    CanaryPlan plan = task == null ? null : task.canary();
    Canary canary = table.canary();
    if (plan == null || table.active() == null) {
      return Optional.of(new Command.ActivateVersion(table.name(), version.number(), true));
    }
    if (canary == null) {
      return start(metadata, table, version, plan.sect(), decided);
    }
    return canary.version() == version.number()
        ? judge(metadata, table, version, canary, evidence.apply(table), unchangedMillis)
        // One at a time.
        : Optional.empty();
  }

  private static Optional<Command> start(
      ClusterMetadata metadata,
      TableRecord table,
      VersionRecord version,
      String sect,
      List<Command> decided) {
    if (!Placement.sects(metadata).contains(sect)) {
      return Optional.of(
          new Command.FailVersion(
              table.name(),
              version.number(),
              "canary: sect " + sect + " has no serving nodes any more"));
    }
    long running =
        metadata.tables().values().stream().filter(other -> other.canary() != null).count();
    long beginning = decided.stream().filter(Command.StartCanary.class::isInstance).count();
    return running + beginning < Canary.MAX_AT_A_TIME
            && LifecycleRules.isComplete(metadata, version, sect)
        ? Optional.of(new Command.StartCanary(table.name(), version.number()))
        : Optional.empty();
  }

  private static Optional<Command> judge(
      ClusterMetadata metadata,
      TableRecord table,
      VersionRecord version,
      Canary canary,
      CanaryEvidence evidence,
      ToLongFunction<Object> unchangedMillis) {
    CanaryCounts counts = canary.counts().atLeast(evidence.counts());
    Trial trial = Trial.of(table, canary);
    long lateMillis = unchangedMillis.applyAsLong(trial) - canary.bakeMillis();
    String refusal = refusal(table, canary, counts, lateMillis >= 0);
    if (refusal != null) {
      return Optional.of(new Command.EndCanary(table.name(), version.number(), refusal, counts));
    }
    boolean isSectComplete = LifecycleRules.isComplete(metadata, version, canary.sect());
    if (lateMillis > SECT_PATIENCE_MILLIS && !isSectComplete) {
      return Optional.of(
          new Command.EndCanary(
              table.name(),
              version.number(),
              "canary: sect "
                  + canary.sect()
                  + " has lost nodes and cannot answer every key of version "
                  + version.number(),
              counts));
    }
    boolean hasHeard = evidence.isWhole() || lateMillis > EVIDENCE_PATIENCE_MILLIS;
    boolean isDecided = lateMillis >= 0 && isSectComplete && hasHeard;
    long toldMillis = unchangedMillis.applyAsLong(new Told(trial, canary.counts()));
    boolean isLastWordTold = counts.equals(canary.counts()) || toldMillis < lateMillis;
    if (isDecided && isLastWordTold) {
      return Optional.of(new Command.ActivateVersion(table.name(), version.number(), true, true));
    }
    boolean isNews = !counts.equals(canary.counts()) && toldMillis >= TELL_MILLIS;
    return isDecided || isNews
        ? Optional.of(new Command.ReportCanary(table.name(), version.number(), counts))
        : Optional.empty();
  }

  /** Why a canary with these counts goes back; null where it does not. */
  private static @Nullable String refusal(
      TableRecord table, Canary canary, CanaryCounts counts, boolean isOver) {
    double rate = rate(counts.errors(), counts.reads());
    double activeRate = rate(counts.activeErrors(), counts.activeReads());
    double limit = Math.max(MAX_ERROR_RATE, TIMES_THE_ACTIVE * activeRate);
    boolean isEnough = counts.errors() >= MIN_ERRORS || (isOver && rate >= GROSS_ERROR_RATE);
    return isEnough && rate > limit
        ? String.format(
            Locale.ROOT,
            "canary: %,d of %,d reads of version %d in sect %s failed (%.2f %%); at most %.2f %% may,"
                + " since of version %d %,d of %,d failed (%.2f %%)",
            counts.errors(),
            counts.reads(),
            canary.version(),
            canary.sect(),
            100 * rate,
            100 * limit,
            table.activeVersion(),
            counts.activeErrors(),
            counts.activeReads(),
            100 * activeRate)
        : null;
  }

  private static double rate(long errors, long reads) {
    return reads == 0 ? 0 : (double) errors / reads;
  }
}
