package io.featurekv.loader;

import io.featurekv.storage.EntryOrder;
import java.io.InputStream;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * What a build meets outside of itself.
 *
 * @param stdin what the input {@code -} reads
 * @param writers null: nothing is built
 * @param order in which the writers take their entries
 * @param clock what TTLs are counted from
 */
record BuildPorts(
    InputStream stdin, @Nullable WriterFactory writers, EntryOrder order, InstantSource clock) {}
