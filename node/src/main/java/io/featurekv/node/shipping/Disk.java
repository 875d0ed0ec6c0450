package io.featurekv.node.shipping;

import io.featurekv.model.Digest;
import io.featurekv.node.wire.FileKey;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Predicate;

/** The shard files on a node's disk, as far as it takes decisions about them. Thread-safe. */
public interface Disk {
  /** What the whole file under this key says it is; whether that is so, is proved elsewhere. */
  Optional<Digest> digestOf(FileKey key);

  /** Every whole file. */
  Collection<FileKey> allStored();

  /** Every file that is on its way. */
  Collection<FileKey> allIncoming();

  /**
   * Whether a file was proved in this process, by whoever gave it or piece by piece as it arrived;
   * true once, since what is looked at again is proved again.
   */
  boolean takeProof(FileKey key);

  /** Removes a file and whatever has arrived of it; empty directories go with it. */
  void delete(FileKey key);

  /**
   * Removes parts and temporary files that nothing is receiving and that {@code isWanted} does not
   * want. At a start only: later a merge may be writing such a file.
   */
  void removeStrays(Predicate<FileKey> isWanted);

  /**
   * Removes parts that nothing is receiving and that {@code isWanted} does not want, such as those
   * of a version that failed after this node was restarted.
   */
  void removeStrayParts(Predicate<FileKey> isWanted);
}
