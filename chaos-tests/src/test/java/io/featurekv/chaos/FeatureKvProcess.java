package io.featurekv.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the executable as a user would. */
public final class FeatureKvProcess {
  private static final long MAX_SECONDS = 180;

  private FeatureKvProcess() {}

  /** What a command printed and how it ended. */
  record Outcome(int exitCode, String out, String err) {
    Outcome succeeds() {
      assertThat(exitCode).as("exit code; stderr:%n%s%nstdout:%n%s", err, out).isZero();
      return this;
    }

    Outcome failsWith(int code) {
      assertThat(exitCode).as("exit code; stderr:%n%s%nstdout:%n%s", err, out).isEqualTo(code);
      return this;
    }

    Json json() {
      return Json.parse(out);
    }
  }

  static Path executable() {
    String path = System.getProperty("featurekv.executable");
    assertThat(path).as("system property featurekv.executable").isNotNull();
    Path executable = Path.of(path).normalize();
    assertThat(executable).exists();
    return executable;
  }

  /** The executable with these arguments, not yet started. */
  public static ProcessBuilder command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(executable().toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("FEATUREKV_JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("NO_COLOR", "1");
    return builder;
  }

  /** Runs a command to its end. */
  static Outcome run(Path directory, List<String> arguments) {
    return run(directory, null, arguments);
  }

  /** Runs a command with a text as its standard input. */
  static Outcome run(Path directory, String input, List<String> arguments) {
    try {
      Path out = Files.createTempFile(directory, "out", ".txt");
      Path err = Files.createTempFile(directory, "err", ".txt");
      Process process =
          command(arguments).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      try (var stdin = process.getOutputStream()) {
        if (input != null) {
          stdin.write(input.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
      }
      if (!process.waitFor(MAX_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(arguments + " did not end; it said: " + Files.readString(err));
      }
      Outcome outcome =
          new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
      Files.delete(out);
      Files.delete(err);
      return outcome;
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
