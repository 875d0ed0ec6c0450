package io.featurekv.node.resp;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which table each database of SELECT is.
 *
 * @param tables by number; in database 0, unless it is among them, keys are {@code table/key}
 */
public record RespDatabases(Map<Integer, String> tables) {
  /** Numbers are below this. */
  public static final int MAX_DATABASES = 1024;

  public RespDatabases {
    tables = Map.copyOf(tables);
  }

  boolean has(int database) {
    return database == 0 || tables.containsKey(database);
  }

  @Nullable String table(int database) {
    return tables.get(database);
  }

  /** One more than the highest number. */
  int count() {
    return 1 + tables.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
  }
}
