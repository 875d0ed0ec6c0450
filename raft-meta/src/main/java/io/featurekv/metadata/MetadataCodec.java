package io.featurekv.metadata;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.featurekv.metadata.message.ClusterMetadataMessage;
import io.featurekv.metadata.message.CommandEnvelopeMessage;
import io.featurekv.metadata.message.CommandResultMessage;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.KeyHash;
import java.util.Collection;
import java.util.Map;

/**
 * Protobuf form of commands, results and snapshots (metadata.proto). Equal values have equal bytes.
 *
 * <p>Reading throws FeatureKvException with CORRUPT for bytes that are no such message, and {@link
 * UnsupportedMetadataException} for commands and snapshots with something in them that this release
 * does not know.
 */
public final class MetadataCodec {
  private MetadataCodec() {}

  /** The log entry of a command. */
  public static byte[] encodeCommand(CommandEnvelope envelope) {
    return CommandEnvelopeMessage.newBuilder()
        .setOperationId(envelope.operationId())
        .setIssuedAtMillis(envelope.issuedAtMillis())
        .setCommand(CommandCodec.encode(envelope.command()))
        .build()
        .toByteArray();
  }

  /** Reads what {@link #encodeCommand} wrote. */
  public static CommandEnvelope decodeCommand(byte[] bytes) {
    CommandEnvelopeMessage message =
        parsed(CommandEnvelopeMessage.parser(), bytes, "metadata command");
    if (hasUnknownFields(message)) {
      throw new UnsupportedMetadataException(
          "the metadata command "
              + message.getCommand().getCommandCase()
              + " with operation id "
              + message.getOperationId()
              + " has a part that this release does not know; run a newer one");
    }
    try {
      return new CommandEnvelope(
          message.getOperationId(),
          message.getIssuedAtMillis(),
          CommandCodec.decode(message.getCommand()));
    } catch (UnsupportedMetadataException e) {
      throw new UnsupportedMetadataException(
          "operation " + message.getOperationId() + ": " + e.getMessage());
    }
  }

  /** The reply to a command. */
  public static byte[] encodeResult(CommandResult result) {
    return RecordCodec.encode(result).toByteArray();
  }

  /** Reads what {@link #encodeResult} wrote. */
  public static CommandResult decodeResult(byte[] bytes) {
    return RecordCodec.decode(parsed(CommandResultMessage.parser(), bytes, "command result"));
  }

  /** A whole state. */
  public static byte[] encodeSnapshot(ClusterMetadata metadata) {
    return SnapshotCodec.encode(metadata).toByteArray();
  }

  /** Reads what {@link #encodeSnapshot} wrote. */
  public static ClusterMetadata decodeSnapshot(byte[] bytes) {
    ClusterMetadataMessage message =
        parsed(ClusterMetadataMessage.parser(), bytes, "metadata snapshot");
    if (hasUnknownFields(message)) {
      throw new UnsupportedMetadataException(
          "the metadata snapshot of index "
              + message.getIndex()
              + " has a part that this release does not know; run a newer one");
    }
    return SnapshotCodec.decode(message);
  }

  /** XXH3-64 of a command without its operation id and time: what makes two commands the same. */
  static long commandHash(Command command) {
    return KeyHash.of(CommandCodec.encode(command).toByteArray());
  }

  private static <M> M parsed(Parser<M> parser, byte[] bytes, String what) {
    try {
      return parser.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new FeatureKvException(
          ErrorCode.CORRUPT, bytes.length + " bytes are no " + what + ": " + e.getMessage(), e);
    }
  }

  private static boolean hasUnknownFields(Message message) {
    if (!message.getUnknownFields().asMap().isEmpty()) {
      return true;
    }
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      if (field.getKey().getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
        continue;
      }
      Object value = field.getValue();
      boolean unknown =
          value instanceof Collection<?> parts
              ? parts.stream().anyMatch(part -> hasUnknownFields((Message) part))
              : hasUnknownFields((Message) value);
      if (unknown) {
        return true;
      }
    }
    return false;
  }
}
