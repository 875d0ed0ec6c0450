package io.featurekv.storage;

/**
 * What was read back from a sealed file.
 *
 * @param entries keys with a value
 * @param tombstones deleted keys
 * @param checksum sum of {@link EntryChecksum} over both, modulo 2^64
 */
public record EntryTotals(long entries, long tombstones, long checksum) {}
