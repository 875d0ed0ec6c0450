package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** A result that can be written in each output format. */
public interface View {
  /** The result as one JSON value. */
  void writeJson(JsonGenerator json) throws IOException;

  /** The result as lines of JSON: a list's elements, or else the whole value as one line. */
  default List<Json.Body> jsonLines() {
    return List.of(this::writeJson);
  }

  /** The result for a person. */
  void writeText(PrintStream out);
}
