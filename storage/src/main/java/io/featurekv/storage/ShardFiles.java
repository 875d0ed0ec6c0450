package io.featurekv.storage;

import io.featurekv.model.FileManifest;
import io.featurekv.model.PieceList;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.IntConsumer;

/** Where shard files begin: creating, measuring, verifying and opening them. */
public final class ShardFiles {
  /**
   * End of the name of a file that is still being written; one that a killed process left behind
   * can be deleted.
   */
  public static final String TEMPORARY_SUFFIX = ".building";

  private ShardFiles() {}

  /**
   * A writer that will put its file at {@code target}; the directory exists.
   *
   * @throws io.featurekv.model.FeatureKvException NO_SPACE, INTERNAL
   */
  public static ShardWriter create(Path target, ShardFileSpec spec, ShardBuildOptions options) {
    return ShardFileWriter.create(target, spec, options);
  }

  /**
   * Merges a chain into one full file at {@code target}, which reads as the chain does: the newest
   * entry of a key wins, tombstones go. Blocks the calling thread; the caller holds the files open.
   *
   * @param newestFirst the last of them is a full file
   * @param spec of the file to be built: the version of the newest, mode full
   * @param options kind {@code blk} without a dictionary takes that and the block size of the full
   *     file; kind {@code mem} counts for itself
   * @param dropExpiredBeforeSeconds entries that expired before this time (seconds since 1970) are
   *     left out; 0 keeps all
   * @param paceBytes is told of every bit of bytes read, and may wait in order to bound the rate,
   *     or throw in order to end the merge
   * @throws io.featurekv.model.FeatureKvException CORRUPT, NO_SPACE, INTERNAL
   */
  public static SealedShardFile merge(
      List<OpenShardFile> newestFirst,
      Path target,
      ShardFileSpec spec,
      ShardBuildOptions options,
      long dropExpiredBeforeSeconds,
      IntConsumer paceBytes) {
    return new ChainMerge(newestFirst, spec, dropExpiredBeforeSeconds, paceBytes)
        .run(target, options);
  }

  /** Digests every piece of a file. */
  public static PieceList digestPieces(Path file) {
    return PieceReader.digest(file);
  }

  /**
   * Checks length and every piece against the list, and the list against the manifest, before
   * anything is mapped.
   *
   * @throws io.featurekv.model.FeatureKvException CORRUPT, naming path, piece, expected and actual;
   *     NOT_FOUND
   */
  public static void verify(Path file, FileManifest manifest, PieceList pieces) {
    verify(file, manifest, pieces, bytes -> {});
  }

  /**
   * {@link #verify(Path, FileManifest, PieceList)} at a pace.
   *
   * @param paceBytes is told of bytes that were read, and may block to slow the reading down
   */
  public static void verify(
      Path file, FileManifest manifest, PieceList pieces, IntConsumer paceBytes) {
    PieceReader.verify(file, manifest, pieces, paceBytes);
  }

  /**
   * Opens a verified file. Checks the magic, format version and that it is the file that {@code
   * expected} names. Kind {@code mem} is checked whole and read into memory; of the other kinds a
   * flipped byte goes unnoticed here unless it is in page 0, that is what {@link #verify} is for.
   * Damage never leads a reader outside the file.
   *
   * @throws io.featurekv.model.FeatureKvException CORRUPT for what is no shard file and for a
   *     damaged one, CONFLICT for a format too old or too new and for another file than the
   *     expected one, NOT_FOUND; the messages tell them apart
   */
  public static OpenShardFile open(Path file, ShardFileSpec expected) {
    return open(file, expected, bytes -> {});
  }

  /**
   * {@link #open(Path, ShardFileSpec)} at a pace, for kind {@code mem} whose file is read whole.
   *
   * @param paceBytes is told of bytes that were read, and may block to slow the reading down
   */
  public static OpenShardFile open(Path file, ShardFileSpec expected, IntConsumer paceBytes) {
    return OpenShardFile.open(file, expected, paceBytes);
  }

  /**
   * Reads every entry back from a sealed file, the way a reader finds them, and adds them up.
   * Checks on the way that each key lies where a lookup looks for it: {@code mem} in the slot or
   * bucket that its hash leads to, {@code idx} and {@code blk} in ascending order, in the page or
   * block that the index names, and let through by the filter. Files of format 1 are only walked
   * over.
   *
   * @param paceBytes is told of bytes that were read, and may block to slow the reading down
   * @throws io.featurekv.model.FeatureKvException as {@link #open}; CORRUPT where an entry would
   *     not be found
   */
  public static EntryTotals entriesChecksum(
      Path file, ShardFileSpec expected, IntConsumer paceBytes) {
    return OpenShardFile.readBack(file, expected, paceBytes);
  }

  /** The same for a file that is open. */
  public static EntryTotals entriesChecksum(OpenShardFile file, IntConsumer paceBytes) {
    return file.readBack(paceBytes);
  }

  /**
   * Holds what {@link #entriesChecksum(OpenShardFile, IntConsumer)} gives against the manifest;
   * where that has no checksum, the counts alone.
   *
   * @throws io.featurekv.model.FeatureKvException CORRUPT where they differ, naming both
   */
  public static void verifyEntries(
      OpenShardFile file, FileManifest manifest, IntConsumer paceBytes) {
    EntryTotals found = entriesChecksum(file, paceBytes);
    EntryTotals expected =
        new EntryTotals(
            manifest.entries(),
            manifest.tombstones(),
            manifest.entriesChecksum().orElse(found.checksum()));
    if (!found.equals(expected)) {
      throw FileErrors.corrupt(file.path(), "read back: expected " + expected + ", found " + found);
    }
  }

  /**
   * What a file says of itself, after every byte was held against the checksums in page 0; for
   * {@code inspect}.
   *
   * @throws io.featurekv.model.FeatureKvException as {@link #open}
   */
  public static ShardFileInspection inspect(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      SealRecord seal = SealRecord.read(file, channel);
      seal.checkBody(file);
      ShardOpening opening = ShardOpening.of(file, channel, seal, arena, bytes -> {});
      return new ShardFileInspection(opening.info(), opening.parts());
    } catch (IOException e) {
      throw FileErrors.onRead(file, e);
    }
  }
}
