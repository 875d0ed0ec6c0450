package io.featurekv.cli;

/** The version of this program, from its jar's manifest. */
final class ProgramVersion {
  private ProgramVersion() {}

  /** Like {@code 0.1.0 (Java 25.0.1)}. */
  static String text() {
    String version = ProgramVersion.class.getPackage().getImplementationVersion();
    return (version == null ? "(unpackaged)" : version) + " (Java " + Runtime.version() + ")";
  }
}
