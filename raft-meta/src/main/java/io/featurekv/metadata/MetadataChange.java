package io.featurekv.metadata;

/**
 * One step of the metadata as a follower sees it.
 *
 * @param envelope the encoded {@link CommandEnvelope} that was applied
 * @param after the state after it; its index is the log index
 */
public record MetadataChange(byte[] envelope, ClusterMetadata after) {}
