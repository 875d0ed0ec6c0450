package io.featurekv.node.shipping;

import io.featurekv.model.Digest;
import io.featurekv.model.PieceList;
import io.featurekv.node.wire.FileKey;
import java.nio.file.Path;

/**
 * A whole shard file on this node's disk with what proves its pieces.
 *
 * @param crcs CRC32C of each piece, as it goes over the wire
 */
public record StoredFile(FileKey key, Path path, PieceList pieces, int[] crcs) {
  /** What the metadata must say of it. */
  public Digest digest() {
    return pieces.digest();
  }
}
