package io.featurekv.node.load;

import io.featurekv.loader.InputSpec;
import io.featurekv.metadata.CanaryPlan;
import io.featurekv.metadata.Gate;
import io.featurekv.metadata.TableOptions;
import io.featurekv.model.UpdateMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One batch write as its caller asks for it; the meaning of each part is that of the {@code load}
 * command's option.
 *
 * @param words how a person would ask for the same again; kept with the task
 * @param operationId empty: a new version in any case
 * @param ignoredGates gates of the table that this version need not pass
 * @param tempDirectory where a directory of its own is made and removed
 * @param patience how long to wait for the version to be served once it is sealed, besides the time
 *     that a canary bakes
 * @param onCluster whether the nodes with the duty build do the work, instead of this process; then
 *     {@code rejectsFile}, {@code memoryBytes} and {@code tempDirectory} mean nothing
 * @param verifyFull whether every node sums up all entries of a file before it is ready with it
 * @param canary which sect the version goes to first; null: to all at once
 */
public record LoadRequest(
    String table,
    InputSpec input,
    String words,
    UpdateMode mode,
    boolean lastDuplicateWins,
    double maxRejected,
    boolean maxRejectedIsPercent,
    @Nullable Path rejectsFile,
    boolean allowEmpty,
    boolean activate,
    Set<Gate> ignoredGates,
    String operationId,
    long memoryBytes,
    Path tempDirectory,
    Duration patience,
    boolean onCluster,
    boolean verifyFull,
    @Nullable CanaryPlan canary) {
  public LoadRequest {
    ignoredGates = Set.copyOf(ignoredGates);
  }

  /** Built in this process, replicas proved by their digests, to all sects at once. */
  public LoadRequest(
      String table,
      InputSpec input,
      String words,
      UpdateMode mode,
      boolean lastDuplicateWins,
      double maxRejected,
      boolean maxRejectedIsPercent,
      @Nullable Path rejectsFile,
      boolean allowEmpty,
      boolean activate,
      Set<Gate> ignoredGates,
      String operationId,
      long memoryBytes,
      Path tempDirectory,
      Duration patience) {
    this(
        table,
        input,
        words,
        mode,
        lastDuplicateWins,
        maxRejected,
        maxRejectedIsPercent,
        rejectsFile,
        allowEmpty,
        activate,
        ignoredGates,
        operationId,
        memoryBytes,
        tempDirectory,
        patience,
        false,
        false,
        null);
  }

  /** The same, but for which sect goes first. */
  public LoadRequest withCanary(@Nullable CanaryPlan newCanary) {
    return new LoadRequest(
        table,
        input,
        words,
        mode,
        lastDuplicateWins,
        maxRejected,
        maxRejectedIsPercent,
        rejectsFile,
        allowEmpty,
        activate,
        ignoredGates,
        operationId,
        memoryBytes,
        tempDirectory,
        patience,
        onCluster,
        verifyFull,
        newCanary);
  }

  /** How long to wait in all once the version is sealed. */
  Duration wholePatience() {
    return canary == null ? patience : patience.plusMillis(canary.bakeMillis());
  }

  /** What to read, with the columns that the table asks of every input. */
  public InputSpec inputFor(TableOptions options) {
    return ignoredGates.contains(Gate.COLUMNS)
        ? input
        : input.withRequiredColumns(options.gates().requiredColumns());
  }

  /** The gates that this load does not ask, an empty version being one that was asked for. */
  public Set<Gate> allIgnoredGates() {
    Set<Gate> all = EnumSet.noneOf(Gate.class);
    all.addAll(ignoredGates);
    if (allowEmpty) {
      all.add(Gate.EMPTY);
    }
    return all;
  }
}
