package io.featurekv.node.load;

import io.featurekv.loader.InputSpec;
import io.featurekv.model.UpdateMode;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One batch write as its caller asks for it; the meaning of each part is that of the {@code load}
 * command's option.
 *
 * @param words how a person would ask for the same again; kept with the task
 * @param operationId empty: a new version in any case
 * @param tempDirectory where a directory of its own is made and removed
 * @param patience how long to wait for the version to be served once it is sealed
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
    String operationId,
    long memoryBytes,
    Path tempDirectory,
    Duration patience) {}
