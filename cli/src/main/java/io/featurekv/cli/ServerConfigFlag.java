package io.featurekv.cli;

import io.featurekv.cli.option.ConfigFile;
import java.util.Arrays;
import java.util.Map;

/**
 * Finds the server's config file before parsing, because its values are defaults of the other
 * options.
 */
final class ServerConfigFlag {
  private ServerConfigFlag() {}

  static ConfigFile fileFor(String[] args, Map<String, String> environment) {
    if (!Arrays.asList(args).contains("server")) {
      return ConfigFile.NONE;
    }
    String path = environment.getOrDefault("FEATUREKV_CONFIG", "");
    for (int i = 0; i < args.length; i++) {
      if (args[i].startsWith("--config=")) {
        path = args[i].substring("--config=".length());
      } else if (args[i].equals("--config") && i + 1 < args.length) {
        path = args[i + 1];
      }
    }
    return path.isEmpty() ? ConfigFile.NONE : ConfigFile.read(path);
  }
}
