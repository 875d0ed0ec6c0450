package io.featurekv.model;

/**
 * What the metadata knows of one sealed shard file, without naming it.
 *
 * @param lengthBytes exact length of the file
 * @param digest {@link PieceList#digest()} of the file
 * @param entries keys with a value in this file
 * @param tombstones keys that this file deletes (increments only)
 */
public record FileManifest(long lengthBytes, Digest digest, long entries, long tombstones) {}
