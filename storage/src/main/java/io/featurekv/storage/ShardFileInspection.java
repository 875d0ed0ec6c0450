package io.featurekv.storage;

/** What a sound shard file says of itself and what it consists of. */
public record ShardFileInspection(ShardFileInfo info, ShardFileParts parts) {}
