package io.featurekv.cli.read;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.read.Reading.Status;
import java.io.IOException;

/**
 * Entries as JSON: text where the bytes are UTF-8, base64 under another name where they are not.
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
      writeBytes(json, "value", reading.value());
    }
    if (reading.status() == Status.FAILED) {
      json.writeStringField("error", reading.error());
    }
  }

  static void writeEntry(JsonGenerator json, byte[] key, byte[] value) throws IOException {
    json.writeStartObject();
    writeBytes(json, "key", key);
    writeBytes(json, "value", value);
    json.writeEndObject();
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
