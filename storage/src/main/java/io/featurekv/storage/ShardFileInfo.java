package io.featurekv.storage;

import java.util.OptionalLong;

/**
 * What a shard file's {@code info} database says.
 *
 * @param entries keys with a value
 * @param tombstones deleted keys; 0 in full files
 * @param keyBytes bytes of all keys, those of tombstones included
 * @param valueBytes bytes of all values, uncompressed
 * @param entriesChecksum sum of {@link EntryChecksum} over entries and tombstones, modulo 2^64;
 *     empty in files of older releases
 */
public record ShardFileInfo(
    int formatVersion,
    ShardFileSpec spec,
    long entries,
    long tombstones,
    long keyBytes,
    long valueBytes,
    OptionalLong entriesChecksum) {}
