package io.featurekv.storage;

/** What a shard file's {@code info} database says. */
public record ShardFileInfo(
    int formatVersion, ShardFileSpec spec, long entries, long tombstones, long keyBytes, long valueBytes) {}
