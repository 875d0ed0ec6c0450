package io.featurekv.cli.option;

/** What was configured cannot be; the process exits with 78. */
public final class ConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Exit code of a wrong configuration. */
  public static final int EXIT_CODE = 78;

  /** Says what is wrong, where, and what would be right. */
  public ConfigurationException(String message) {
    super(message);
  }
}
