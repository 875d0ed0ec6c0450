package io.featurekv.cli.bench;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the benchmark itself ran on.
 *
 * @param loadAverage of the last minute before it; empty where not known
 */
record Machine(
    String cpu, int cores, String memory, String kernel, String jdk, String loadAverage) {
  static Machine describe() {
    return new Machine(
        field(Path.of("/proc/cpuinfo"), "model name"),
        Runtime.getRuntime().availableProcessors(),
        field(Path.of("/proc/meminfo"), "MemTotal"),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.vendor") + " " + System.getProperty("java.vm.version"),
        text(Path.of("/proc/loadavg")).replaceFirst(" .*", "").strip());
  }

  void writeJson(JsonGenerator json) throws IOException {
    json.writeStartObject();
    Json.textField(json, "cpu", cpu);
    json.writeNumberField("cores", cores);
    Json.textField(json, "memory", memory);
    Json.textField(json, "kernel", kernel);
    Json.textField(json, "jdk", jdk);
    Json.textField(json, "loadAverageBefore", loadAverage);
    json.writeEndObject();
  }

  private static String field(Path file, String name) {
    return text(file)
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("");
  }

  private static String text(Path file) {
    try {
      return Files.isReadable(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      return "";
    }
  }
}
