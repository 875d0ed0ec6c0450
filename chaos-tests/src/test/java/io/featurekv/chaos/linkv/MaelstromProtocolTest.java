package io.featurekv.chaos.linkv;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.chaos.FeatureKvProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code featurekv maelstrom} to the letter of Maelstrom's protocol, as one process. */
class MaelstromProtocolTest {
  private static final String INIT =
      "{\"id\":1,\"src\":\"c0\",\"dest\":\"n0\",\"body\":{\"type\":\"init\",\"msg_id\":1,"
          + "\"node_id\":\"n0\",\"node_ids\":[\"n0\"]}}";

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir Path directory;
  private Path elsewhere;
  private Path data;

  @BeforeEach
  void makeDirectories() throws IOException {
    elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
    data = directory.resolve("data");
  }

  private Process start(String... options) throws IOException {
    // What has no outcome in time is not answered at all, which a busy machine brings about.
    List<String> arguments = new ArrayList<>(List.of("maelstrom", "--timeout", "30s"));
    arguments.addAll(List.of(options));
    return FeatureKvProcess.command(arguments)
        .directory(elsewhere.toFile())
        .redirectError(directory.resolve("err.txt").toFile())
        .start();
  }

  private static String request(int id, String members) {
    return "{\"id\":7,\"src\":\"c1\",\"dest\":\"n0\",\"body\":{\"msg_id\":"
        + id
        + ","
        + members
        + "}}";
  }

  /** The lines that a process writes until it has ended, each awaited for so long and no longer. */
  private static final class Lines {
    private final BlockingQueue<Optional<String>> waiting = new LinkedBlockingQueue<>();
    private final BufferedReader in;

    Lines(Process process) {
      in = process.inputReader(StandardCharsets.UTF_8);
      Thread.ofPlatform().daemon().name("lines").start(this::read);
    }

    private void read() {
      try {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          waiting.add(Optional.of(line));
        }
      } catch (IOException e) {
        // The process was killed.
      }
      waiting.add(Optional.empty());
    }

    /** Empty at the end of what it wrote. */
    Optional<String> nextOrEnd() throws InterruptedException {
      Optional<String> next = waiting.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(next).as("what the process says within %s", PATIENCE).isNotNull();
      return next;
    }

    String next() throws InterruptedException {
      return nextOrEnd().orElseThrow(() -> new AssertionError("the process closed its output"));
    }
  }

  private static void say(Writer out, String line) throws IOException {
    out.write(line + "\n");
    out.flush();
  }

  /** The reply to a request that is asked again, under new ids, while there is no leader yet. */
  private static String askUntilLed(Writer out, Lines in, String members)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (int id = 100; ; id++) {
      say(out, request(id, members));
      String reply = in.next();
      assertThat(System.nanoTime() - end).as("time to elect a leader").isNegative();
      if (!reply.contains("\"code\":11")) {
        return reply.replace("\"in_reply_to\":" + id, "\"in_reply_to\":N");
      }
    }
  }

  private static String reply(String members) {
    return "{\"src\":\"n0\",\"dest\":\"c1\",\"body\":{" + members + "}}";
  }

  @Test
  void answersToTheLetterAndKeepsWhatItAcknowledged() throws Exception {
    Process first = start("--data-dir", data.toString());
    try (Writer out = first.outputWriter(StandardCharsets.UTF_8)) {
      Lines in = new Lines(first);
      say(
          out,
          "{\"id\":0,\"src\":\"n1\",\"dest\":\"n0\",\"body\":{\"type\":\"raft\",\"msg_id\":5}}");
      say(out, "no JSON at all");
      say(out, INIT);
      assertThat(in.next())
          .isEqualTo(
              "{\"src\":\"n0\",\"dest\":\"c0\",\"body\":{\"type\":\"init_ok\",\"in_reply_to\":1}}");
      assertThat(askUntilLed(out, in, "\"type\":\"cas\",\"key\":0,\"from\":1,\"to\":2"))
          .startsWith(
              "{\"src\":\"n0\",\"dest\":\"c1\",\"body\":{\"type\":\"error\",\"in_reply_to\":N,\"code\":20,");
      say(out, request(2, "\"type\":\"write\",\"key\":0,\"value\":3"));
      assertThat(in.next()).isEqualTo(reply("\"type\":\"write_ok\",\"in_reply_to\":2"));
      say(out, request(3, "\"type\":\"read\",\"key\":0"));
      assertThat(in.next()).isEqualTo(reply("\"type\":\"read_ok\",\"in_reply_to\":3,\"value\":3"));
      say(out, request(4, "\"type\":\"cas\",\"key\":0,\"from\":1,\"to\":2"));
      assertThat(in.next()).contains("\"in_reply_to\":4,\"code\":22,\"text\":");
      say(out, request(5, "\"type\":\"cas\",\"key\":0,\"from\":3,\"to\":4"));
      assertThat(in.next()).isEqualTo(reply("\"type\":\"cas_ok\",\"in_reply_to\":5"));
      say(out, request(6, "\"type\":\"read\",\"key\":9"));
      assertThat(in.next()).contains("\"in_reply_to\":6,\"code\":20,\"text\":");
      say(out, request(7, "\"type\":\"write\",\"key\":0,\"value\":\"x\""));
      assertThat(in.next()).contains("\"in_reply_to\":7,\"code\":12,\"text\":");
      say(out, request(8, "\"type\":\"topology\""));
      assertThat(in.next()).contains("\"in_reply_to\":8,\"code\":10,\"text\":");
    } finally {
      first.destroyForcibly().waitFor();
    }
    Process second = start("--data-dir", data.toString());
    try (Writer out = second.outputWriter(StandardCharsets.UTF_8)) {
      Lines in = new Lines(second);
      say(out, request(1, "\"type\":\"read\",\"key\":0"));
      assertThat(in.next()).contains("\"in_reply_to\":1,\"code\":11,\"text\":");
      say(out, INIT);
      assertThat(in.next()).contains("init_ok");
      assertThat(askUntilLed(out, in, "\"type\":\"read\",\"key\":0"))
          .isEqualTo(reply("\"type\":\"read_ok\",\"in_reply_to\":N,\"value\":4"));
      out.close();
      assertThat(in.nextOrEnd()).as("what comes after the end of its input").isEmpty();
      assertThat(second.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(second.exitValue()).isZero();
    } finally {
      second.destroyForcibly().waitFor();
    }
    assertThat(elsewhere).isEmptyDirectory();
    assertThat(Files.readString(directory.resolve("err.txt"))).contains("n0");
  }
}
