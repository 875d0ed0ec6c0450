package io.featurekv.cli.read;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import java.io.IOException;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/** Writes readings batch by batch, so that many keys take no memory. */
abstract class GetOutput implements AutoCloseable {
  abstract void write(ClusterReader.Batch batch) throws IOException;

  @Override
  public void close() throws IOException {}

  static GetOutput open(Session session, String table, KeyFormat keyFormat) {
    PrintStream out = session.streams().out();
    return switch (session.global().format()) {
      case TABLE -> new Table(out, keyFormat);
      case JSON -> new OneValue(out, table);
      case JSONL -> new Lines(out, table);
    };
  }

  private static final class Table extends GetOutput {
    private final PrintStream out;
    private final KeyFormat keyFormat;

    Table(PrintStream out, KeyFormat keyFormat) {
      this.out = out;
      this.keyFormat = keyFormat;
    }

    @Override
    void write(ClusterReader.Batch batch) {
      TextTable rows = TextTable.withHeaders("KEY", "STATUS", "VALUE");
      for (Reading reading : batch.readings()) {
        String value =
            switch (reading.status()) {
              case FOUND -> KeyFormat.showValue(reading.value(), reading.row());
              case ABSENT -> "";
              case FAILED -> reading.error();
            };
        rows.row(keyFormat.show(reading.key()), reading.status(), value);
      }
      rows.write(out);
      out.flush();
    }
  }

  private static final class OneValue extends GetOutput {
    private final PrintStream out;
    private final String table;
    private @Nullable JsonGenerator json;

    OneValue(PrintStream out, String table) {
      this.out = out;
      this.table = table;
    }

    @Override
    void write(ClusterReader.Batch batch) throws IOException {
      JsonGenerator generator = begun(batch.version());
      for (Reading reading : batch.readings()) {
        EntryJson.writeReading(generator, reading);
      }
    }

    private JsonGenerator begun(long version) throws IOException {
      JsonGenerator present = json;
      if (present == null) {
        present = Json.generator(out);
        json = present;
        present.writeStartObject();
        present.writeStringField("table", table);
        Json.versionField(present, "version", version);
        present.writeArrayFieldStart("results");
      }
      return present;
    }

    @Override
    public void close() throws IOException {
      if (json != null) {
        json.writeEndArray();
        json.writeEndObject();
        json.close();
        out.println();
      }
    }
  }

  private static final class Lines extends GetOutput {
    private final PrintStream out;
    private final String table;

    Lines(PrintStream out, String table) {
      this.out = out;
      this.table = table;
    }

    @Override
    void write(ClusterReader.Batch batch) throws IOException {
      for (Reading reading : batch.readings()) {
        Json.writeLine(
            out,
            json -> {
              json.writeStartObject();
              json.writeStringField("table", table);
              json.writeNumberField("version", batch.version());
              EntryJson.writeFields(json, reading);
              json.writeEndObject();
            });
      }
    }
  }
}
