package io.featurekv.model;

/**
 * The rules for names of tables, nodes and sects: they become parts of paths, URLs and metric
 * labels.
 */
public final class TableName {
  /** Longest name, in bytes (names are ASCII). */
  public static final int MAX_BYTES = 64;

  private TableName() {}

  /**
   * Returns {@code name} if it is 1 to 64 of {@code A-Z a-z 0-9 _ . -} and starts with a letter or
   * a digit.
   *
   * @param what what the name is of, for the message: "table", "node id", "sect"
   * @throws FeatureKvException with {@link ErrorCode#INVALID_ARGUMENT} otherwise
   */
  public static String checked(String what, String name) {
    boolean valid =
        !name.isEmpty() && name.length() <= MAX_BYTES && isLetterOrDigit(name.charAt(0));
    for (int i = 0; valid && i < name.length(); i++) {
      char c = name.charAt(i);
      valid = isLetterOrDigit(c) || c == '_' || c == '.' || c == '-';
    }
    if (!valid) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          what
              + " '"
              + name
              + "' is not valid: expected 1 to "
              + MAX_BYTES
              + " of A-Z a-z 0-9 _ . - starting with a letter or digit");
    }
    return name;
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }
}
