package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster.ServerNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Asks a server what it says of itself over HTTP, and the kernel what it says of its process. */
final class NodeProbe {
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  private static final Pattern INCARNATION = Pattern.compile("\"incarnation\":(\\d+)");

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

  /**
   * Where a server's metadata stands.
   *
   * @param term 0 where no voter runs; likewise the indexes
   * @param incarnation of its voter, that it had on its disk just after
   */
  record Standing(
      long index,
      String stateHash,
      long term,
      long commitIndex,
      long appliedIndex,
      int incarnation) {}

  /** What a process holds, in numbers. */
  record Holdings(long files, long maps, long threads, long directBytes, long nativeBytes) {}

  /** Empty while the server does not answer. */
  Optional<Standing> standing(ServerNode node) {
    return page(node, "/metadata")
        .map(
            page -> {
              Map<String, String> values = new HashMap<>();
              page.lines()
                  .map(line -> line.split(" ", 2))
                  .filter(words -> words.length == 2)
                  .forEach(words -> values.put(words[0], words[1]));
              if (!values.containsKey("index") || !values.containsKey("state-hash")) {
                throw new IllegalStateException("/metadata of " + node.id() + " says " + page);
              }
              return new Standing(
                  Long.parseLong(values.get("index")),
                  values.get("state-hash"),
                  Long.parseLong(values.getOrDefault("term", "0")),
                  Long.parseLong(values.getOrDefault("commit-index", "0")),
                  Long.parseLong(values.getOrDefault("applied-index", "0")),
                  incarnation(node));
            });
  }

  /** Under which a server's voter runs; 0 while the server is not known to have any. */
  private static int incarnation(ServerNode node) {
    try {
      Matcher found = INCARNATION.matcher(Files.readString(node.data().resolve("node.json")));
      return found.find() ? Integer.parseInt(found.group(1)) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  /** Empty while the server does not answer. */
  Optional<Holdings> holdings(ServerNode node) {
    Path process = Path.of("/proc", Long.toString(node.process().pid()));
    return page(node, "/metrics")
        .flatMap(
            metrics -> {
              try {
                return Optional.of(
                    new Holdings(
                        count(process.resolve("fd")),
                        Files.readAllLines(process.resolve("maps")).size(),
                        count(process.resolve("task")),
                        metric(metrics, "process_direct_memory_bytes"),
                        metric(metrics, "featurekv_native_memory_bytes")));
              } catch (IOException | UncheckedIOException e) {
                return Optional.empty();
              }
            });
  }

  private static long count(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.count();
    }
  }

  private static long metric(String page, String name) {
    return page.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("/metrics says nothing of " + name));
  }

  private Optional<String> page(ServerNode node, String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + node.host() + ":" + node.httpPort() + path))
            .timeout(TIMEOUT)
            .build();
    try {
      HttpResponse<String> reply = http.send(request, HttpResponse.BodyHandlers.ofString());
      return reply.statusCode() == 200 ? Optional.of(reply.body()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** Term and vote that a server has on disk; empty where there is none that can be read. */
  static Optional<Vote> vote(ServerNode node) {
    try (Stream<Path> groups = Files.list(node.raft())) {
      Object directory = Files.getAttribute(node.raft(), "unix:ino");
      Optional<Path> file =
          groups.map(group -> group.resolve("current/raft-meta")).filter(Files::exists).findFirst();
      if (file.isEmpty()) {
        return Optional.empty();
      }
      Map<String, String> values = new HashMap<>();
      Files.readAllLines(file.get()).stream()
          .map(line -> line.split("=", 2))
          .filter(words -> words.length == 2)
          .forEach(words -> values.put(words[0], words[1]));
      int incarnation = incarnation(node);
      return values.containsKey("term")
              && directory.equals(Files.getAttribute(node.raft(), "unix:ino"))
          ? Optional.of(
              new Vote(
                  Long.parseLong(values.get("term")),
                  values.getOrDefault("votedFor", ""),
                  incarnation,
                  (Long) directory))
          : Optional.empty();
    } catch (IOException | UncheckedIOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * A vote on disk.
   *
   * @param votedFor empty when it has given none in this term
   * @param incarnation that the server had on its disk just after
   * @param directory which directory it is in, whatever its name
   */
  record Vote(long term, String votedFor, int incarnation, long directory) {}
}
