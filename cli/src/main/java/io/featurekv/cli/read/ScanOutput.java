package io.featurekv.cli.read;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes the entries of a scan as they come and writes them page by page. */
abstract class ScanOutput implements AutoCloseable {
  private final PrintStream out;

  private ScanOutput(PrintStream out) {
    this.out = out;
  }

  /** One entry; {@code row}: its columns as a JSON object, null where the value is no row. */
  record Entry(byte[] key, byte[] value, @Nullable String row) {
    /** Of a value that is bytes. */
    Entry(byte[] key, byte[] value) {
      this(key, value, null);
    }
  }

  /** Entries that follow on those before; false when nobody reads the output any more. */
  boolean accept(long version, List<Entry> page) throws IOException {
    write(version, page);
    // Also flushes.
    return !out.checkError();
  }

  abstract void write(long version, List<Entry> page) throws IOException;

  @Override
  public void close() throws IOException {}

  static ScanOutput open(Session session, String table, KeyFormat keyFormat) {
    PrintStream out = session.streams().out();
    return switch (session.global().format()) {
      case TABLE -> new Table(out, keyFormat);
      case JSON -> new OneValue(out, table);
      case JSONL -> new Lines(out);
    };
  }

  private static final class Table extends ScanOutput {
    private final PrintStream out;
    private final KeyFormat keyFormat;
    private boolean hasHeader;

    Table(PrintStream out, KeyFormat keyFormat) {
      super(out);
      this.out = out;
      this.keyFormat = keyFormat;
    }

    @Override
    void write(long version, List<Entry> page) {
      TextTable rows = hasHeader ? TextTable.ofPairs() : TextTable.withHeaders("KEY", "VALUE");
      for (Entry entry : page) {
        rows.row(keyFormat.show(entry.key()), KeyFormat.showValue(entry.value(), entry.row()));
      }
      rows.write(out);
      hasHeader = true;
    }
  }

  private static final class OneValue extends ScanOutput {
    private final PrintStream out;
    private final String table;
    private @Nullable JsonGenerator json;

    OneValue(PrintStream out, String table) {
      super(out);
      this.out = out;
      this.table = table;
    }

    @Override
    void write(long version, List<Entry> page) throws IOException {
      JsonGenerator generator = begun(version);
      for (Entry entry : page) {
        EntryJson.writeEntry(generator, entry);
      }
      generator.flush();
    }

    private JsonGenerator begun(long version) throws IOException {
      JsonGenerator present = json;
      if (present == null) {
        present = Json.generator(out);
        json = present;
        present.writeStartObject();
        present.writeStringField("table", table);
        Json.versionField(present, "version", version);
        present.writeArrayFieldStart("entries");
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

  private static final class Lines extends ScanOutput {
    private final PrintStream out;

    Lines(PrintStream out) {
      super(out);
      this.out = out;
    }

    @Override
    void write(long version, List<Entry> page) throws IOException {
      for (Entry entry : page) {
        Json.writeLine(out, json -> EntryJson.writeEntry(json, entry));
      }
    }
  }
}
