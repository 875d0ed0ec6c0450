package io.featurekv.metadata;

/**
 * What an operator sets on a table.
 *
 * @param shards shard count of the next full version
 * @param retain how many versions besides the active one stay readable, at least 1
 * @param versionTtlMillis age at which a retained version is collected, 0 for never
 * @param maxValueBytes longest value
 * @param activateWhen sects that must be complete before activation
 */
public record TableOptions(
    int shards, int retain, long versionTtlMillis, long maxValueBytes, ActivateWhen activateWhen) {}
