package io.featurekv.cli;

import io.featurekv.cli.option.ConfigurationException;
import io.featurekv.cli.option.Settings;
import io.featurekv.cli.session.ExitCode;
import io.featurekv.cli.session.Session;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns every error into one clear line on standard error and an exit code. */
final class ErrorReporting implements IExecutionExceptionHandler, IParameterExceptionHandler {
  private final Session session;
  private @Nullable Settings settings;

  ErrorReporting(Session session) {
    this.session = session;
  }

  void settings(Settings settings) {
    this.settings = settings;
  }

  @Override
  public int handleExecutionException(Exception error, CommandLine command, ParseResult result) {
    return error instanceof ParameterException usage
        ? handleParseException(usage, new String[0])
        : report(error);
  }

  @Override
  public int handleParseException(ParameterException error, String[] args) {
    Optional<String> origin = originOf(error);
    String message = oneLine(error.getMessage());
    if (origin.isPresent()) {
      session.message("featurekv: " + message + " (from " + origin.get() + ")");
      return ConfigurationException.EXIT_CODE;
    }
    session.message("featurekv: " + message);
    printStackTraceIfAsked(error);
    CommandLine command = error.getCommandLine();
    if (!UnmatchedArgumentException.printSuggestions(error, command.getErr())) {
      session.message("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    }
    command.getErr().flush();
    return ExitCode.USAGE;
  }

  /** Prints the line of an error and returns its exit code. */
  int report(Exception error) {
    session.streams().flush();
    session.message("featurekv: " + oneLine(messageOf(error)));
    printStackTraceIfAsked(error);
    return ExitCode.of(error);
  }

  private Optional<String> originOf(ParameterException error) {
    return settings != null && error.getArgSpec() instanceof OptionSpec option
        ? settings.originOf(option)
        : Optional.empty();
  }

  private void printStackTraceIfAsked(Exception error) {
    if (session.debug()) {
      error.printStackTrace(session.streams().err());
    }
  }

  private static String messageOf(Exception error) {
    String message = error.getMessage();
    return switch (error) {
      case FeatureKvException known when message != null -> message;
      case ConfigurationException known when message != null -> message;
      case InterruptedException interrupted -> "interrupted";
      case UncheckedIOException io when message != null -> message;
      case IOException io -> io.getClass().getSimpleName() + ": " + message;
      case Exception other ->
          "a fault of FeatureKV itself: " + other + " (FEATUREKV_DEBUG=1 shows where)";
    };
  }

  private static String oneLine(@Nullable String message) {
    return message == null ? "" : message.strip().replaceAll("\\s*\\R\\s*", "; ");
  }
}
