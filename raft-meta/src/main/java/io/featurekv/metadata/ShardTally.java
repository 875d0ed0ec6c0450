package io.featurekv.metadata;

/**
 * What was parsed for one shard.
 *
 * @param rows entries and deletions
 * @param sum of their checksums, modulo 2^64
 * @param droppedRows those of them that sorting left out on purpose, because of another row of
 *     their key
 * @param droppedSum of their checksums
 */
public record ShardTally(long rows, long sum, long droppedRows, long droppedSum) {}
