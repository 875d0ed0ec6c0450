package io.featurekv.node.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * {@code /metrics} (Prometheus text), {@code /livez}, {@code /readyz} ({@code ?verbose}), {@code
 * /metadata} (where this node's metadata stands), and {@code /}, a page that tells the same.
 */
public final class HttpFace implements AutoCloseable {
  private static final int THREADS = 2;

  private final HttpServer server;
  private final ExecutorService executor;
  private final NodeMetrics metrics;
  private final Supplier<List<String>> notReady;
  private final Supplier<String> summary;
  private final Supplier<String> standing;

  /**
   * Listens.
   *
   * @param notReady why the node is not ready; empty when it is
   * @param summary text of the page at {@code /}
   * @param standing text of the page at {@code /metadata}
   */
  public HttpFace(
      Endpoint listen,
      NodeMetrics metrics,
      Supplier<List<String>> notReady,
      Supplier<String> summary,
      Supplier<String> standing) {
    this.metrics = metrics;
    this.notReady = notReady;
    this.summary = summary;
    this.standing = standing;
    this.executor =
        Executors.newFixedThreadPool(THREADS, Thread.ofPlatform().name("http-", 0).factory());
    try {
      this.server = HttpServer.create(new InetSocketAddress(listen.socketHost(), listen.port()), 0);
    } catch (IOException e) {
      executor.shutdown();
      throw new FeatureKvException(
          ErrorCode.CONFLICT,
          "cannot listen on " + listen + " (--http-listen): " + e.getMessage(),
          e);
    }
    server.setExecutor(executor);
    server.createContext("/metrics", this::metrics);
    server.createContext("/livez", exchange -> send(exchange, 200, "text/plain", "ok\n"));
    server.createContext("/readyz", this::ready);
    server.createContext("/metadata", this::metadata);
    server.createContext("/", this::page);
    server.start();
  }

  /** The port that was bound. */
  public int port() {
    return server.getAddress().getPort();
  }

  private void metrics(HttpExchange exchange) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    writer.write(text, metrics.registry().scrape());
    send(exchange, 200, writer.getContentType(), text.toString(StandardCharsets.UTF_8));
  }

  private void ready(HttpExchange exchange) throws IOException {
    List<String> reasons = notReady.get();
    String query = exchange.getRequestURI().getQuery();
    boolean verbose = query != null && query.contains("verbose");
    StringBuilder text = new StringBuilder(reasons.isEmpty() ? "ok\n" : "not ready\n");
    if (verbose) {
      reasons.forEach(reason -> text.append(reason).append('\n'));
    }
    send(exchange, reasons.isEmpty() ? 200 : 503, "text/plain", text.toString());
  }

  private void metadata(HttpExchange exchange) throws IOException {
    send(exchange, 200, "text/plain", standing.get());
  }

  private void page(HttpExchange exchange) throws IOException {
    if (!exchange.getRequestURI().getPath().equals("/")) {
      send(exchange, 404, "text/plain", "there are /metrics, /livez, /readyz, /metadata and /\n");
      return;
    }
    send(exchange, 200, "text/plain; charset=utf-8", summary.get());
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    try (var out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
