package io.featurekv.metadata;

/**
 * What building one shard came to, besides its manifest.
 *
 * @param duplicates rows that a later row of their key replaced
 * @param deleted keys deleted: dropped from a full version, tombstones of an increment
 * @param rejected rows refused because their key came twice
 * @param droppedRows parsed rows that are not in the file, for one of these reasons
 * @param droppedSum of their checksums, modulo 2^64
 * @param bytes of the entries' keys and values
 * @param millis how long its builder took
 */
public record ShardFigures(
    long duplicates,
    long deleted,
    long rejected,
    long droppedRows,
    long droppedSum,
    long bytes,
    long millis) {}
