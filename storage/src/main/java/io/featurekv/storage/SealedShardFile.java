package io.featurekv.storage;

import io.featurekv.model.FileManifest;
import io.featurekv.model.PieceList;
import java.nio.file.Path;
import java.util.List;

/**
 * A finished, forced, read-only shard file and what proves it.
 *
 * @param pieceCrcs CRC32C of each piece, from whoever wrote the file; empty where they are not
 *     known, and are to be taken from the file
 */
public record SealedShardFile(
    ShardFileSpec spec,
    Path path,
    FileManifest manifest,
    PieceList pieces,
    List<Integer> pieceCrcs) {

  public SealedShardFile {
    pieceCrcs = List.copyOf(pieceCrcs);
    if (!pieceCrcs.isEmpty() && pieceCrcs.size() != pieces.pieces().size()) {
      throw new IllegalArgumentException(
          pieceCrcs.size() + " checksums of " + pieces.pieces().size() + " pieces of " + path);
    }
  }

  /** Of a file that somebody else wrote. */
  public SealedShardFile(ShardFileSpec spec, Path path, FileManifest manifest, PieceList pieces) {
    this(spec, path, manifest, pieces, List.of());
  }

  /** The same file under another name. */
  public SealedShardFile at(Path moved) {
    return new SealedShardFile(spec, moved, manifest, pieces, pieceCrcs);
  }
}
