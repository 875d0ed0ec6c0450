package io.featurekv.chaos.instruments;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Compiles a shared library that stands between a process and the C library (LD_PRELOAD). */
final class NativeShim {
  private NativeShim() {}

  static Optional<String> missing() {
    return System.getProperty("os.name", "").equals("Linux")
        ? SystemTools.missing("cc")
        : Optional.of("needs Linux");
  }

  /** Compiles the named C source beside this class into a directory; returns the library. */
  static Path compile(String source, Path directory) {
    try (InputStream text = NativeShim.class.getResourceAsStream(source)) {
      if (text == null) {
        throw new IllegalStateException("no " + source);
      }
      Files.createDirectories(directory);
      Path file = directory.resolve(source);
      Files.write(file, text.readAllBytes());
      Path library = directory.resolve(source.replace(".c", ".so"));
      SystemTools.run(
          "cc",
          "-O2",
          "-Wall",
          "-Werror",
          "-shared",
          "-fPIC",
          "-o",
          library.toString(),
          file.toString(),
          "-ldl",
          "-lpthread");
      return library;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
