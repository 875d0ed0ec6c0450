package io.featurekv.chaos.instruments;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;

/** Skips a test, saying why, where the machine cannot have an instrument. */
final class Required {
  private Required() {}

  static void present(Optional<String> missing) {
    assumeTrue(missing.isEmpty(), () -> "skipped: " + missing.orElseThrow());
  }
}
