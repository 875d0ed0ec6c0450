package io.featurekv.node.load;

import io.featurekv.loader.BuildResult;
import java.util.List;

/**
 * What became of a batch write.
 *
 * @param state ACTIVE, READY or FAILED
 * @param seconds whole, from start to served
 * @param reason why it failed, empty otherwise
 * @param firstRejected the first rejected rows
 */
public record LoadReport(
    String taskId,
    String table,
    long version,
    String state,
    long entries,
    long rejected,
    long duplicates,
    long deleted,
    long bytes,
    double seconds,
    List<BuildResult.Stage> stages,
    List<BuildResult.RejectedRow> firstRejected,
    String reason) {}
