package io.featurekv.cli.option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The server's config file: a YAML mapping from option names without the dashes to values; lists
 * stand for comma-separated ones.
 *
 * @param path as it was given, empty when there is no file
 */
public record ConfigFile(String path, Map<String, String> values) {
  /** No file. */
  public static final ConfigFile NONE = new ConfigFile("", Map.of());

  public ConfigFile {
    values = Map.copyOf(values);
  }

  /**
   * Reads a file.
   *
   * @throws ConfigurationException naming the file and what is wrong with it
   */
  public static ConfigFile read(String path) {
    Object document;
    try {
      String text = Files.readString(Path.of(path));
      document = new Load(LoadSettings.builder().setLabel(path).build()).loadFromString(text);
    } catch (NoSuchFileException e) {
      throw new ConfigurationException("config file " + path + " does not exist");
    } catch (IOException e) {
      throw new ConfigurationException("cannot read config file " + path + ": " + e.getMessage());
    } catch (YamlEngineException e) {
      throw new ConfigurationException(
          "config file "
              + path
              + " is not YAML: "
              + String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " "));
    }
    if (document == null) {
      return new ConfigFile(path, Map.of());
    }
    if (!(document instanceof Map<?, ?> mapping)) {
      throw new ConfigurationException(
          "config file " + path + " must be a mapping of option names to values, like 'sect: a'");
    }
    Map<String, String> values = new TreeMap<>();
    mapping.forEach((key, value) -> values.put(String.valueOf(key), textOf(path, key, value)));
    return new ConfigFile(path, values);
  }

  /**
   * Refuses keys that no option has.
   *
   * @throws ConfigurationException naming the key and what there is
   */
  public void checkKeys(Set<String> known) {
    for (String key : new TreeSet<>(values.keySet())) {
      if (!known.contains(key)) {
        throw new ConfigurationException(
            "config file "
                + path
                + ": unknown key '"
                + key
                + "'; known are "
                + String.join(", ", new TreeSet<>(known)));
      }
    }
  }

  private static String textOf(String path, Object key, Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
    if (value == null || value instanceof Map<?, ?>) {
      throw new ConfigurationException(
          "config file " + path + ": '" + key + "' must have a value or a list of values");
    }
    return String.valueOf(value);
  }
}
