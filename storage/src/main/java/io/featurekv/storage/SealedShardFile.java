package io.featurekv.storage;

import io.featurekv.model.FileManifest;
import io.featurekv.model.PieceList;
import java.nio.file.Path;

/** A finished, forced, read-only shard file and what proves it. */
public record SealedShardFile(
    ShardFileSpec spec, Path path, FileManifest manifest, PieceList pieces) {}
