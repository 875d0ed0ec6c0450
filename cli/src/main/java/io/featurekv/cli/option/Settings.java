package io.featurekv.cli.option;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Where an option's value comes from when no flag gives it: {@code FEATUREKV_<OPTION>} in the
 * environment, else the server's config file, else the default.
 */
public final class Settings implements IDefaultValueProvider {
  /**
   * Options that must be asked for each time; {@code FEATUREKV_VERSION} often means the software's.
   */
  private static final Set<String> FLAGS_ONLY = Set.of("help", "version", "yes", "config");

  private final Map<String, String> environment;
  private final ConfigFile config;
  private final Map<String, String> origins = new HashMap<>();

  /** Values from {@code environment}, and for the command {@code server} from {@code config}. */
  public Settings(Map<String, String> environment, ConfigFile config) {
    this.environment = Map.copyOf(environment);
    this.config = config;
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option)) {
      return null;
    }
    String name = bareName(option);
    if (FLAGS_ONLY.contains(name)) {
      return null;
    }
    String variable = variableOf(name);
    String value = environment.get(variable);
    if (value != null && !value.isEmpty()) {
      origins.put(option.longestName(), variable + " in the environment");
      return value;
    }
    if (option.command().name().equals("server")) {
      value = config.values().get(name);
      if (value != null) {
        origins.put(option.longestName(), config.path() + ", key '" + name + "'");
        return value;
      }
    }
    return null;
  }

  /** Where the value of an option came from if it was neither a flag nor the built-in default. */
  public Optional<String> originOf(OptionSpec option) {
    return Optional.ofNullable(origins.get(option.longestName()));
  }

  /** The environment variable of an option: {@code data-dir} is {@code FEATUREKV_DATA_DIR}. */
  public static String variableOf(String optionName) {
    return "FEATUREKV_" + optionName.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  private static String bareName(OptionSpec option) {
    return option.longestName().replaceFirst("^--?", "");
  }
}
