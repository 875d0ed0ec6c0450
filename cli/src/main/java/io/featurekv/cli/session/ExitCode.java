package io.featurekv.cli.session;

import io.featurekv.cli.option.ConfigurationException;
import io.featurekv.model.FeatureKvException;

/** The exit codes that scripts rely on. */
public final class ExitCode {
  public static final int DONE = 0;
  public static final int FAILED = 1;
  public static final int USAGE = 2;
  public static final int PARTLY_DONE = 3;
  public static final int NOT_FOUND = 4;
  public static final int UNAVAILABLE = 69;
  public static final int TRY_AGAIN = 75;
  public static final int CONFIGURATION = ConfigurationException.EXIT_CODE;
  public static final int INTERRUPTED = 130;

  private ExitCode() {}

  /** The code of an error that ended a command. */
  public static int of(Throwable error) {
    return switch (error) {
      case FeatureKvException known -> known.code().exitCode();
      case ConfigurationException configuration -> CONFIGURATION;
      case InterruptedException interrupted -> INTERRUPTED;
      default -> FAILED;
    };
  }
}
