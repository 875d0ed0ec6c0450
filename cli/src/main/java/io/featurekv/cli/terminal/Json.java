package io.featurekv.cli.terminal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** JSON on one line, in the shapes that scripts rely on. */
public final class Json {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  private Json() {}

  /** Writes one value. */
  @FunctionalInterface
  public interface Body {
    /** Writes exactly one JSON value. */
    void write(JsonGenerator json) throws IOException;
  }

  /** A generator for output that comes bit by bit; closing it leaves {@code out} open. */
  public static JsonGenerator generator(OutputStream out) throws IOException {
    return FACTORY.createGenerator(out);
  }

  /** Writes one value and a line feed. */
  public static void writeLine(OutputStream out, Body body) throws IOException {
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      body.write(json);
    }
    out.write('\n');
  }

  /** One value as text. */
  public static String text(Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      body.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** A time as ISO-8601 in UTC; null for 0, which stands for 'not yet'. */
  public static void timeField(JsonGenerator json, String name, long epochMillis)
      throws IOException {
    if (epochMillis == 0) {
      json.writeNullField(name);
    } else {
      json.writeStringField(name, Instant.ofEpochMilli(epochMillis).toString());
    }
  }

  /** A version number; null for 0, which stands for 'none'. */
  public static void versionField(JsonGenerator json, String name, long version)
      throws IOException {
    if (version == 0) {
      json.writeNullField(name);
    } else {
      json.writeNumberField(name, version);
    }
  }

  /** A figure with so many decimals; null where it is not known. */
  public static void figureField(JsonGenerator json, String name, double figure, int decimals)
      throws IOException {
    json.writeFieldName(name);
    if (Double.isFinite(figure)) {
      json.writeNumber(BigDecimal.valueOf(figure).setScale(decimals, RoundingMode.HALF_UP));
    } else {
      json.writeNull();
    }
  }

  /** A text; null where it is empty or null. */
  public static void textField(JsonGenerator json, String name, @Nullable String text)
      throws IOException {
    if (text == null || text.isEmpty()) {
      json.writeNullField(name);
    } else {
      json.writeStringField(name, text);
    }
  }

  /** An array of texts. */
  public static void textsField(JsonGenerator json, String name, Iterable<String> texts)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }
}
