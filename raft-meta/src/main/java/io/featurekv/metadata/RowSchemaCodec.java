package io.featurekv.metadata;

import io.featurekv.metadata.message.RowColumnMessage;
import io.featurekv.metadata.message.RowTypeMessage;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowType;
import java.util.ArrayList;
import java.util.List;

/** Columns of typed rows. */
final class RowSchemaCodec {
  private RowSchemaCodec() {}

  static List<RowColumnMessage> encode(List<RowColumn> columns) {
    List<RowColumnMessage> messages = new ArrayList<>(columns.size());
    for (RowColumn column : columns) {
      RowColumnMessage.Builder out =
          RowColumnMessage.newBuilder()
              .setName(column.name())
              .setType(encode(column.type()))
              .setNullable(column.nullable())
              .setSince(column.since())
              .setWidenedIn(column.widenedIn());
      String defaultText = column.defaultText();
      if (defaultText != null) {
        out.setDefaultText(defaultText);
      }
      messages.add(out.build());
    }
    return messages;
  }

  static List<RowColumn> decode(List<RowColumnMessage> messages) {
    List<RowColumn> columns = new ArrayList<>(messages.size());
    for (RowColumnMessage message : messages) {
      columns.add(
          new RowColumn(
              message.getName(),
              decode(message.getType()),
              message.getNullable(),
              message.hasDefaultText() ? message.getDefaultText() : null,
              message.getSince(),
              message.getWidenedIn()));
    }
    return columns;
  }

  private static RowTypeMessage encode(RowType type) {
    return switch (type) {
      case INT64 -> RowTypeMessage.ROW_TYPE_INT64;
      case DOUBLE -> RowTypeMessage.ROW_TYPE_DOUBLE;
      case FLOAT -> RowTypeMessage.ROW_TYPE_FLOAT;
      case BOOL -> RowTypeMessage.ROW_TYPE_BOOL;
      case STRING -> RowTypeMessage.ROW_TYPE_STRING;
      case BYTES -> RowTypeMessage.ROW_TYPE_BYTES;
      case FLOAT_LIST -> RowTypeMessage.ROW_TYPE_FLOAT_LIST;
    };
  }

  private static RowType decode(RowTypeMessage type) {
    return switch (type) {
      case ROW_TYPE_INT64 -> RowType.INT64;
      case ROW_TYPE_DOUBLE -> RowType.DOUBLE;
      case ROW_TYPE_FLOAT -> RowType.FLOAT;
      case ROW_TYPE_BOOL -> RowType.BOOL;
      case ROW_TYPE_STRING -> RowType.STRING;
      case ROW_TYPE_BYTES -> RowType.BYTES;
      case ROW_TYPE_FLOAT_LIST -> RowType.FLOAT_LIST;
      case ROW_TYPE_UNSPECIFIED, UNRECOGNIZED ->
          throw new UnsupportedMetadataException(
              "a column of a type that this release does not know; run a newer one");
    };
  }
}
