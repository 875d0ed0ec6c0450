package io.featurekv.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The shell text in front of the jar, run by the system's sh against directories that look like
 * JDKs.
 */
class ExecutableHeaderTest {
  private static final Path SCRIPTS = Path.of("src", "main", "sh");

  @TempDir private Path directory;
  private Path executable;

  private record Ended(int exitCode, String out, String err) {}

  @BeforeEach
  void writeExecutable() throws IOException {
    executable = directory.resolve("featurekv");
    Files.writeString(
        executable,
        Files.readString(SCRIPTS.resolve("find-java.sh"))
            + Files.readString(SCRIPTS.resolve("launch.sh"))
            + "PK\u0003\u0004 not a script");
  }

  /** A directory with a release file and a java that tells its arguments and exits with 7. */
  private Path jdk(String name, String release) throws IOException {
    Path home = Files.createDirectories(directory.resolve(name));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + release + "\"\n");
    Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho \"$0\" \"$@\"\nexit 7\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    return home;
  }

  private Ended sh(Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("sh"));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .keySet()
        .removeAll(
            List.of(
                "JAVA_HOME",
                "FEATUREKV_JAVA_HOME",
                "FEATUREKV_JAVA_OPTS",
                "FEATUREKV_CLASSPATH",
                "FEATUREKV_MEMORY"));
    builder.environment().putAll(environment);
    Path err = directory.resolve("err");
    Process process = builder.redirectError(err.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), out, Files.readString(err));
  }

  @Test
  void runsItselfAsAJarAndKeepsTheExitCode() throws Exception {
    Path home = jdk("jdk-25", "25.0.1");
    Ended ended =
        sh(
            Map.of("FEATUREKV_JAVA_HOME", home.toString()),
            executable.toString(),
            "get",
            "t",
            "two words");
    assertThat(ended.exitCode()).isEqualTo(7);
    assertThat(ended.out())
        .startsWith(home.resolve("bin/java").toString())
        .endsWith("-jar " + executable + " get t two words\n");
    assertThat(ended.err()).isEmpty();
  }

  @Test
  void prefersTheHomeThatIsMeantForIt() throws Exception {
    Path own = jdk("own", "26");
    Path general = jdk("general", "25");
    Ended ended =
        sh(
            Map.of("FEATUREKV_JAVA_HOME", own.toString(), "JAVA_HOME", general.toString()),
            executable.toString());
    assertThat(ended.out()).startsWith(own.toString());
  }

  @Test
  void passesOverAJdkThatIsTooOld() throws Exception {
    Path old = jdk("old", "17.0.12");
    Path general = jdk("general", "25");
    Ended ended =
        sh(
            Map.of("FEATUREKV_JAVA_HOME", old.toString(), "JAVA_HOME", general.toString()),
            executable.toString());
    assertThat(ended.out()).startsWith(general.toString());
  }

  @Test
  void declinesInOneLineWhereThereIsNone() throws Exception {
    Ended ended =
        sh(
            Map.of(),
            "-c",
            ". ./" + SCRIPTS.resolve("find-java.sh") + "; find_java_25 no-such-tool");
    assertThat(ended.exitCode()).isEqualTo(78);
    assertThat(ended.err().strip().lines()).hasSize(1);
    assertThat(ended.err()).contains("JDK 25").contains("FEATUREKV_JAVA_HOME");
  }

  @Test
  void tunesShortCommandsForStartingAndLongOnesForWorking() throws Exception {
    Map<String, String> environment =
        Map.of(
            "FEATUREKV_JAVA_HOME",
            jdk("jdk", "25").toString(),
            "FEATUREKV_JAVA_OPTS",
            "-Dx=1 -Dy=2");
    assertThat(sh(environment, executable.toString(), "-o", "json", "status").out())
        .contains("-XX:TieredStopAtLevel=1")
        .contains("-Dx=1 -Dy=2 -jar");
    for (String command : List.of("server", "load")) {
      assertThat(sh(environment, executable.toString(), "--endpoint", "h:1", command).out())
          .doesNotContain("TieredStopAtLevel");
    }
    // What loads gets memory by the machine's, whichever command it is.
    for (String command :
        List.of("load t x", "-o json bench --timeout 5m load --table t", "task retry id")) {
      List<String> words = new ArrayList<>(List.of(executable.toString()));
      words.addAll(List.of(command.split(" ")));
      assertThat(sh(environment, words.toArray(String[]::new)).out()).contains("RAMPercentage");
    }
    assertThat(sh(environment, executable.toString(), "bench", "read", "load").out())
        .doesNotContain("RAMPercentage");
  }

  @ParameterizedTest
  @CsvSource({
    "1GiB, 262144",
    "1g, 262144",
    "' 1g ', 262144",
    "'\t1 g\t', 262144",
    "1.5GB, 393216",
    "2T, 536870912",
    "0800 MiB, 204800",
    "1048576k, 262144",
    "1073741824, 262144",
    "64MiB, 32768",
    "1, 32768"
  })
  void theHeapOfALoadIsAQuarterOfItsMemory(String size, String kib) throws Exception {
    Map<String, String> environment = Map.of("FEATUREKV_JAVA_HOME", jdk("jdk", "25").toString());
    String expected = " -Xmx" + kib + "k ";
    String name = executable.toString();
    assertThat(sh(environment, name, "load", "t", "x", "--memory", size).out()).contains(expected);
    assertThat(sh(environment, name, "load", "--memory=" + size, "t").out()).contains(expected);
    Map<String, String> asked = new HashMap<>(environment);
    asked.put("FEATUREKV_MEMORY", size);
    assertThat(sh(asked, name, "bench", "load").out()).contains(expected);
    assertThat(sh(asked, name, "get", "t", "k").out()).doesNotContain(expected);
  }

  @Test
  void aShareOfTheMachinesMemoryThatIsAskedForTakesEffect() throws Exception {
    Map<String, String> environment =
        Map.of(
            "FEATUREKV_JAVA_HOME",
            jdk("jdk", "25").toString(),
            "FEATUREKV_JAVA_OPTS",
            "-XX:MaxRAMPercentage=40");
    for (String command : List.of("load", "get", "bench")) {
      assertThat(sh(environment, executable.toString(), command, "--memory", "2g").out())
          .contains(" -XX:MaxRAMPercentage=40 ")
          .doesNotContain("-Xm");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"much", "1.2.3g", "12345678901234567890", "5x", "-1g", "."})
  void aSizeThatIsNoneIsLeftToTheCommandToRefuse(String size) throws Exception {
    Map<String, String> environment = Map.of("FEATUREKV_JAVA_HOME", jdk("jdk", "25").toString());
    Ended ended = sh(environment, executable.toString(), "load", "t", "--memory", size);
    assertThat(ended.err()).isEmpty();
    assertThat(ended.out()).contains("-XX:MaxRAMPercentage=6.25 ").doesNotContain("-Xmx");
  }

  @Test
  void whatIsNamedForTheClassPathStandsBehindTheExecutable() throws Exception {
    Map<String, String> environment =
        Map.of(
            "FEATUREKV_JAVA_HOME",
            jdk("jdk", "25").toString(),
            "FEATUREKV_CLASSPATH",
            "a b.jar:/c/*");
    assertThat(sh(environment, executable.toString(), "load", "t").out())
        .endsWith(" -cp " + executable + ":a b.jar:/c/* io.featurekv.cli.Main load t\n");
  }
}
