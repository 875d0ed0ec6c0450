package io.featurekv.cli.read;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.read.Reading.Status;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Entries as JSON: text where the bytes are UTF-8, base64 under another name where they are not;
 * rows as objects.
 */
final class EntryJson {
  private EntryJson() {}

  static void writeReading(JsonGenerator json, Reading reading) throws IOException {
    json.writeStartObject();
    writeFields(json, reading);
    json.writeEndObject();
  }

  static void writeFields(JsonGenerator json, Reading reading) throws IOException {
    writeBytes(json, "key", reading.key());
    json.writeStringField("status", reading.status().name());
    if (reading.status() == Status.FOUND) {
      writeValue(json, reading.value(), reading.row());
    }
    if (reading.status() == Status.FAILED) {
      json.writeStringField("error", reading.error());
    }
  }

  static void writeEntry(JsonGenerator json, ScanOutput.Entry entry) throws IOException {
    json.writeStartObject();
    writeBytes(json, "key", entry.key());
    writeValue(json, entry.value(), entry.row());
    json.writeEndObject();
  }

  private static void writeValue(JsonGenerator json, byte[] value, @Nullable String row)
      throws IOException {
    if (row == null) {
      writeBytes(json, "value", value);
    } else {
      json.writeFieldName("value");
      json.writeRawValue(row);
    }
  }

  private static void writeBytes(JsonGenerator json, String name, byte[] bytes) throws IOException {
    String text = KeyFormat.utf8OrNull(bytes);
    if (text == null) {
      json.writeBinaryField(name + "Base64", bytes);
    } else {
      json.writeStringField(name, text);
    }
  }
}
