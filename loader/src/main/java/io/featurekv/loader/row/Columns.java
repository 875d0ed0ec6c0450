package io.featurekv.loader.row;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The names of a row's cells, in order, each once. Sources hand out the same instance for as long
 * as the names stay the same, so that a reader may keep what it worked out about them.
 */
public final class Columns {
  private final List<String> names;
  private final Map<String, Integer> positions;

  private Columns(List<String> names, Map<String, Integer> positions) {
    this.names = names;
    this.positions = positions;
  }

  /**
   * Columns of these names.
   *
   * @throws IllegalArgumentException whose message says which name is there twice
   */
  public static Columns of(List<String> names) {
    Map<String, Integer> positions = new HashMap<>();
    for (String name : names) {
      if (positions.put(name, positions.size()) != null) {
        throw new IllegalArgumentException("column '" + name + "' is there twice");
      }
    }
    return new Columns(List.copyOf(names), positions);
  }

  public List<String> names() {
    return names;
  }

  public int size() {
    return names.size();
  }

  /** Position of a column, -1 if there is none of that name. */
  public int indexOf(String name) {
    return positions.getOrDefault(name, -1);
  }

  /** The names as a message shows them. */
  @Override
  public String toString() {
    return String.join(", ", names);
  }
}
