package io.featurekv.storage;

import io.featurekv.model.FileManifest;
import io.featurekv.model.PieceList;
import java.nio.file.Path;

/** Where shard files begin: creating, measuring, verifying and opening them. */
public final class ShardFiles {
  private ShardFiles() {}

  /** A writer that will put its file at {@code target}; the directory exists. */
  public static ShardWriter create(Path target, ShardFileSpec spec) {
    throw new AssertionError("stub");
  }

  /** Digests every piece of a file. */
  public static PieceList digestPieces(Path file) {
    throw new AssertionError("stub");
  }

  /**
   * Checks length and every piece against the list, and the list against the manifest, before anything is mapped.
   *
   * @throws io.featurekv.model.FeatureKvException CORRUPT, naming path, piece, expected and actual
   */
  public static void verify(Path file, FileManifest manifest, PieceList pieces) {
    throw new AssertionError("stub");
  }

  /** Opens a verified file. Checks the magic, format version and that it is the file that {@code expected} names. */
  public static OpenShardFile open(Path file, ShardFileSpec expected) {
    throw new AssertionError("stub");
  }

  /** What a file says of itself, verified by the footer checks that need no manifest; for {@code inspect}. */
  public static ShardFileInfo inspect(Path file) {
    throw new AssertionError("stub");
  }
}
