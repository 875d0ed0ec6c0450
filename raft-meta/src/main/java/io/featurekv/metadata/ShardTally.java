package io.featurekv.metadata;

/**
 * What was parsed for one shard.
 *
 * @param rows entries and deletions
 * @param sum of their checksums, modulo 2^64
 * @param bytes of their keys and values
 */
public record ShardTally(long rows, long sum, long bytes) {}
