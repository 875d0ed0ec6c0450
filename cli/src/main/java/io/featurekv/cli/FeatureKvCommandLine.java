package io.featurekv.cli;

import io.featurekv.cli.option.ConfigFile;
import io.featurekv.cli.option.ConfigurationException;
import io.featurekv.cli.option.Durations;
import io.featurekv.cli.option.Endpoints;
import io.featurekv.cli.option.Settings;
import io.featurekv.cli.session.Session;
import io.featurekv.cli.terminal.Streams;
import io.featurekv.model.Endpoint;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The tree of commands, ready to parse and run. */
public final class FeatureKvCommandLine {
  private FeatureKvCommandLine() {}

  /** Runs one command line and returns its exit code; never throws for what a user can do wrong. */
  public static int run(String[] args, Streams streams, Map<String, String> environment) {
    Session session = new Session(streams, environment);
    ErrorReporting errors = new ErrorReporting(session);
    try {
      return create(args, session, errors).execute(args);
    } catch (ConfigurationException e) {
      return errors.report(e);
    } catch (Error e) {
      return errors.report(new IllegalStateException(e.toString(), e));
    }
  }

  /** The command line for these arguments, which decide on the config file. */
  static CommandLine create(String[] args, Session session, ErrorReporting errors) {
    CommandLine root = new CommandLine(new FeatureKv(session), new CommandFactory(session));
    ConfigFile config = ServerConfigFlag.fileFor(args, session.environment());
    CommandLine server = root.getSubcommands().get("server");
    if (server != null) {
      config.checkKeys(configurable(server.getCommandSpec()));
    }
    Settings settings = new Settings(session.environment(), config);
    errors.settings(settings);
    root.registerConverter(Duration.class, new Durations());
    root.registerConverter(Endpoint.class, new Endpoints());
    root.setCaseInsensitiveEnumValuesAllowed(true);
    // 'table' is a format as well as a command.
    root.setAllowSubcommandsAsOptionParameters(true);
    root.setDefaultValueProvider(settings);
    root.setUsageHelpWidth(122);
    root.setUsageHelpLongOptionsMaxWidth(34);
    root.setOut(new PrintWriter(session.streams().out(), true, StandardCharsets.UTF_8));
    root.setErr(new PrintWriter(session.streams().err(), true, StandardCharsets.UTF_8));
    root.setColorScheme(CommandLine.Help.defaultColorScheme(ansi(session)));
    root.setExecutionExceptionHandler(errors);
    root.setParameterExceptionHandler(errors);
    addVersionFlag(root);
    HelpLayout.install(root);
    return root;
  }

  private static Set<String> configurable(CommandSpec server) {
    Set<String> names = new TreeSet<>();
    for (OptionSpec option : server.options()) {
      if (!option.versionHelp() && !option.usageHelp() && !option.inherited()) {
        names.add(option.longestName().substring(2));
      }
    }
    names.remove("config");
    return names;
  }

  private static Ansi ansi(Session session) {
    String noColor = session.environment().getOrDefault("NO_COLOR", "");
    boolean dumb = session.environment().getOrDefault("TERM", "dumb").equals("dumb");
    return session.streams().outIsTerminal() && noColor.isEmpty() && !dumb ? Ansi.ON : Ansi.OFF;
  }

  /**
   * Every command tells the program's version, under {@code -V} alone where {@code --version} is a
   * table's.
   */
  private static void addVersionFlag(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    boolean taken = spec.optionsMap().containsKey("--version");
    String[] names = taken ? new String[] {"-V"} : new String[] {"-V", "--version"};
    spec.versionProvider(() -> new String[] {"featurekv " + ProgramVersion.text()});
    spec.addOption(
        OptionSpec.builder(names)
            .versionHelp(true)
            .order(904)
            .description("Show the program's version and exit.")
            .build());
    for (CommandLine child : Set.copyOf(command.getSubcommands().values())) {
      addVersionFlag(child);
    }
  }
}
