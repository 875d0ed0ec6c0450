package io.featurekv.node.serving;

import org.jspecify.annotations.Nullable;

/**
 * What one batch asks for, besides its keys.
 *
 * @param table the table's name
 * @param version the pinned version
 * @param metadataIndex of the picture that the version was taken from
 * @param readTimeMillis entries that expire at this time, since 1970, or before are ABSENT
 * @param arrivalNanos when it came, by {@link System#nanoTime}
 * @param deadlineNanos when nobody waits for it any more, likewise
 * @param mayForward whether other nodes may be asked
 * @param form what values are wanted as; null: as they are stored
 */
public record BatchQuery(
    String table,
    ServedVersion version,
    long metadataIndex,
    long readTimeMillis,
    long arrivalNanos,
    long deadlineNanos,
    boolean mayForward,
    @Nullable ValueForm form) {}
