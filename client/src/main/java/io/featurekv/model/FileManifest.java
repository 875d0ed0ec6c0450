package io.featurekv.model;

import java.util.OptionalLong;

/**
 * What the metadata knows of one sealed shard file, without naming it.
 *
 * @param lengthBytes exact length of the file
 * @param digest {@link PieceList#digest()} of the file
 * @param entries keys with a value in this file
 * @param tombstones keys that this file deletes (increments only)
 * @param entriesChecksum sum of the checksums of all entries and tombstones, modulo 2^64; empty
 *     where it is not known: files of older releases do not say it
 */
public record FileManifest(
    long lengthBytes, Digest digest, long entries, long tombstones, OptionalLong entriesChecksum) {
  /** Of a file whose entries were not summed up. */
  public FileManifest(long lengthBytes, Digest digest, long entries, long tombstones) {
    this(lengthBytes, digest, entries, tombstones, OptionalLong.empty());
  }
}
