package io.featurekv.metadata;

/** Protobuf form of commands, results and snapshots (metadata.proto). */
public final class MetadataCodec {
  private MetadataCodec() {}

  public static byte[] encodeCommand(CommandEnvelope envelope) {
    throw new AssertionError("stub");
  }

  public static CommandEnvelope decodeCommand(byte[] bytes) {
    throw new AssertionError("stub");
  }

  public static byte[] encodeResult(CommandResult result) {
    throw new AssertionError("stub");
  }

  public static CommandResult decodeResult(byte[] bytes) {
    throw new AssertionError("stub");
  }

  public static byte[] encodeSnapshot(ClusterMetadata metadata) {
    throw new AssertionError("stub");
  }

  public static ClusterMetadata decodeSnapshot(byte[] bytes) {
    throw new AssertionError("stub");
  }
}
