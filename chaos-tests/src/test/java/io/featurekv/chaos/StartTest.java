package io.featurekv.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The executable is one file; what lies beside it only makes it start faster. */
class StartTest {
  @TempDir Path directory;

  @Test
  void theBuildLeavesCachesBesideTheExecutable() {
    Path executable = FeatureKvProcess.executable();
    assertThat(executable.resolveSibling("featurekv.server.aot")).isNotEmptyFile();
    assertThat(executable.resolveSibling("featurekv.command.aot")).isNotEmptyFile();
  }

  @Test
  void startsWithoutCachesAndWithSomeThatDoNotFit() throws IOException, InterruptedException {
    Path copy = directory.resolve("featurekv");
    Files.copy(FeatureKvProcess.executable(), copy);
    assertThat(copy.toFile().setExecutable(true)).isTrue();
    saysItsVersion(copy);
    // What the build left, beside a copy of the file that it was made for.
    Path cache = directory.resolve("featurekv.command.aot");
    Files.copy(FeatureKvProcess.executable().resolveSibling("featurekv.command.aot"), cache);
    saysItsVersion(copy);
    byte[] damaged = new byte[100_000];
    new Random(1).nextBytes(damaged);
    Files.write(cache, damaged);
    saysItsVersion(copy);
  }

  /** A source of somebody else's, compiled by hand. */
  private Path notesProvider() throws IOException {
    Path classes = Files.createDirectories(directory.resolve("notes"));
    Path source = classes.resolve("Notes.java");
    Files.writeString(
        source,
        """
        package notes;
        import io.featurekv.loader.source.*;
        import java.io.*;
        import java.nio.charset.StandardCharsets;
        import java.util.*;
        public final class Notes implements InputProvider {
          public Set<String> schemes() { return Set.of("notes"); }
          public List<Input> find(String address, ReadOptions options) {
            return List.of(Inputs.of(new Note(address), options));
          }
          record Note(String name) implements Origin {
            byte[] bytes() { return ("id,note\\n1," + name + "\\n").getBytes(StandardCharsets.UTF_8); }
            public String fileName() { return "note.csv"; }
            public long lengthBytes() { return bytes().length; }
            public String identity() { return name; }
            public boolean isShared() { return true; }
            public boolean isSeekable() { return true; }
            public InputStream open(long from, long to) {
              return new ByteArrayInputStream(Arrays.copyOfRange(bytes(), (int) from, (int) to));
            }
          }
        }
        """);
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                classes.toString(),
                source.toString());
    assertThat(failed).isZero();
    Path services = Files.createDirectories(classes.resolve("META-INF/services"));
    Files.writeString(
        services.resolve("io.featurekv.loader.source.InputProvider"), "notes.Notes\n");
    Path jar = directory.resolve("notes.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        Files.copy(file, out);
      }
    }
    return jar;
  }

  @Test
  void findsSourcesOfOthersAndStillUsesItsCache() throws IOException, InterruptedException {
    ProcessBuilder builder =
        FeatureKvProcess.command(
            List.of(
                "load",
                "t",
                "notes:today",
                "--create",
                "mem",
                "--key",
                "id",
                "--dry-run",
                "--endpoint",
                "127.0.0.1:1",
                "-o",
                "json"));
    builder.environment().put("FEATUREKV_CLASSPATH", notesProvider().toString());
    // The launcher keeps the virtual machine silent about a cache that does not fit.
    builder.environment().put("FEATUREKV_JAVA_OPTS", "-Xlog:class+load=info");
    Path out = directory.resolve("out");
    Process process = builder.redirectErrorStream(true).redirectOutput(out.toFile()).start();
    int exitCode = process.waitFor();
    String said = Files.readString(out);
    assertThat(exitCode).as(said).isZero();
    assertThat(said).contains("\"entries\":1,").contains("notes.Notes source: ");
    assertThat(said.lines())
        .anyMatch(line -> line.contains("io.featurekv.cli.Main source: shared objects file"));
  }

  private void saysItsVersion(Path executable) throws IOException, InterruptedException {
    ProcessBuilder builder = FeatureKvProcess.command(List.of("--version"));
    builder.command().set(0, executable.toString());
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).startsWith("featurekv ").hasLineCount(1);
  }
}
