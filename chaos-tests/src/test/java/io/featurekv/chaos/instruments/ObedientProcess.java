package io.featurekv.chaos.instruments;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A JVM of its own that does what a test tells it, one line each, and tells how it went. */
final class ObedientProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;

  private ObedientProcess(Process process) {
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
  }

  static ObedientProcess start(List<String> wrapper, Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx32m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            ObedientProcess.class.getName()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return new ObedientProcess(builder.start());
  }

  long pid() {
    return process.pid();
  }

  String ask(String... words) throws IOException {
    process.outputWriter(StandardCharsets.UTF_8).write(String.join(" ", words) + "\n");
    process.outputWriter(StandardCharsets.UTF_8).flush();
    String answer = answers.readLine();
    assertThat(answer).as("answer to %s", List.of(words)).isNotNull();
    return answer;
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  public static void main(String[] arguments) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      String answer;
      try {
        answer = "ok " + obey(words);
      } catch (IOException e) {
        answer = "failed " + e.getMessage();
      }
      System.out.println(answer);
    }
  }

  private static String obey(String[] words) throws IOException {
    return switch (words[0]) {
      case "write" -> Integer.toString(write(Path.of(words[1]), Integer.parseInt(words[2])));
      case "force" -> {
        try (FileChannel file = FileChannel.open(Path.of(words[1]), StandardOpenOption.WRITE)) {
          file.force(true);
          yield "";
        }
      }
      case "read" -> Long.toString(Files.readAllBytes(Path.of(words[1])).length);
      case "rename" -> {
        Files.move(Path.of(words[1]), Path.of(words[2]), StandardCopyOption.ATOMIC_MOVE);
        yield "";
      }
      case "clock" -> Long.toString(System.currentTimeMillis());
      case "listen" -> Integer.toString(listen(words[1]));
      case "connect" ->
          Integer.toString(
              askEcho(words[1], Integer.parseInt(words[2]), Integer.parseInt(words[3])));
      default -> throw new IOException("no word " + words[0]);
    };
  }

  private static int write(Path path, int bytes) throws IOException {
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      return file.write(ByteBuffer.allocate(bytes));
    }
  }

  /** Answers each byte with the same byte, on any number of connections. */
  private static int listen(String host) throws IOException {
    ServerSocket server = new ServerSocket(0, 10, InetAddress.getByName(host));
    Thread.ofPlatform().daemon().start(() -> echo(server));
    return server.getLocalPort();
  }

  private static void echo(ServerSocket server) {
    while (true) {
      try {
        Socket socket = server.accept();
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  try (socket) {
                    socket.getInputStream().transferTo(socket.getOutputStream());
                  } catch (IOException e) {
                    // The test broke it.
                  }
                });
      } catch (IOException e) {
        return;
      }
    }
  }

  static int askEcho(String host, int port, int timeoutMillis) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new java.net.InetSocketAddress(host, port), timeoutMillis);
      socket.setSoTimeout(timeoutMillis);
      socket.getOutputStream().write(42);
      return socket.getInputStream().read();
    }
  }
}
