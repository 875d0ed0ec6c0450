package io.featurekv.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Directories of tests whose failures are looked into by what processes leave: {@code target/chaos}
 * in the module. To be used with {@code cleanup = CleanupMode.ON_SUCCESS}; the output of the test
 * names them.
 */
public final class BelowTarget implements TempDirFactory {
  @Override
  public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test)
      throws IOException {
    return create(test.getRequiredTestClass().getSimpleName());
  }

  /** A new directory, whose name begins so. */
  public static Path create(String name) throws IOException {
    Path parent = Files.createDirectories(Path.of("target", "chaos"));
    Path directory = Files.createTempDirectory(parent, name + "-").toAbsolutePath();
    System.out.println("files in " + directory);
    return directory;
  }
}
