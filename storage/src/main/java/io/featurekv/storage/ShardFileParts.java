package io.featurekv.storage;

/**
 * What a shard file consists of, for people. Sizes are bytes of the file.
 *
 * @param layout how entries are found, in a few words
 * @param firstKey hex; empty if there is none
 * @param lastKey hex, in the order of the file; empty if there is none
 * @param dataBytes entries
 * @param indexBytes what leads to them, kept in memory
 * @param filterBytes what tells absent keys, kept in memory; 0 without a filter
 * @param blocks kind {@code blk}, else 0
 * @param blockEntries most entries of a block, kind {@code blk}
 * @param plainBytes of values before compression, kind {@code blk}
 * @param storedBytes of values after compression, kind {@code blk}
 * @param dictionaryBytes of the zstd dictionary, 0 without one
 */
public record ShardFileParts(
    String layout,
    String firstKey,
    String lastKey,
    long dataBytes,
    long indexBytes,
    long filterBytes,
    long blocks,
    long blockEntries,
    long plainBytes,
    long storedBytes,
    long dictionaryBytes) {}
