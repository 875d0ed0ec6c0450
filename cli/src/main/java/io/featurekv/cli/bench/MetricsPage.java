package io.featurekv.cli.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a node tells under {@code /metrics}.
 *
 * @param values by name, with its labels as they are written
 */
record MetricsPage(Map<String, Double> values) {
  private static final int TIMEOUT_MILLIS = 2000;

  MetricsPage {
    values = Map.copyOf(values);
  }

  /** Asks the node that has its HTTP port at an address, host and port. */
  static MetricsPage of(String address) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create("http://" + address + "/metrics").toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      return parse(lines.lines().toList());
    }
  }

  /**
   * Reads Prometheus' text: {@code name{labels} value} a line. Lines that are none are left out.
   */
  static MetricsPage parse(Iterable<String> lines) {
    Map<String, Double> values = new LinkedHashMap<>();
    for (String line : lines) {
      int blank = line.lastIndexOf(' ');
      if (blank <= 0 || line.startsWith("#")) {
        continue;
      }
      try {
        values.put(line.substring(0, blank).strip(), Double.valueOf(line.substring(blank + 1)));
      } catch (NumberFormatException e) {
        // A line that this does not know is no figure.
      }
    }
    return new MetricsPage(values);
  }

  /** A figure without labels; NaN where the node does not tell it. */
  double get(String name) {
    return values.getOrDefault(name, Double.NaN);
  }
}
