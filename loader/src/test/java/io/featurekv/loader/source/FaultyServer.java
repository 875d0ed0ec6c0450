package io.featurekv.loader.source;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An http server on loopback that serves one content, with faults that are told to it. */
final class FaultyServer implements AutoCloseable {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

  volatile byte[] content = {};
  volatile String etag = "\"one\"";
  volatile boolean answersRanges = true;

  /** After so many bytes of a body the connection is closed. */
  volatile int breakAfterBytes = Integer.MAX_VALUE;

  /** So many requests are answered with 503. */
  final AtomicInteger failures = new AtomicInteger();

  /** So many bodies begin, and then nothing comes. */
  final AtomicInteger silences = new AtomicInteger();

  final AtomicInteger requests = new AtomicInteger();

  /** Paths that are answered with a status and a location instead. */
  final Map<String, Redirect> redirects = new ConcurrentHashMap<>();

  record Redirect(int status, String location) {}

  private final CountDownLatch closing = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  FaultyServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.createContext("/none/", exchange -> refuse(exchange, 404));
    server.start();
  }

  String address(String path) {
    InetSocketAddress at = server.getAddress();
    return "http://" + at.getAddress().getHostAddress() + ":" + at.getPort() + path;
  }

  private void answer(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    Redirect redirect = redirects.get(exchange.getRequestURI().getPath());
    if (redirect != null) {
      if (!redirect.location().isEmpty()) {
        exchange.getResponseHeaders().set("Location", redirect.location());
      }
      refuse(exchange, redirect.status());
      return;
    }
    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      refuse(exchange, 503);
      return;
    }
    byte[] served = content;
    int from = 0;
    int to = served.length;
    int status = 200;
    exchange.getResponseHeaders().set("ETag", etag);
    String range = exchange.getRequestHeaders().getFirst("Range");
    String condition = exchange.getRequestHeaders().getFirst("If-Range");
    if (answersRanges && range != null && (condition == null || condition.equals(etag))) {
      Matcher matcher = RANGE.matcher(range);
      matcher.matches();
      from = Integer.parseInt(matcher.group(1));
      to = Math.min(served.length, Integer.parseInt(matcher.group(2)) + 1);
      if (from >= served.length) {
        exchange.getResponseHeaders().set("Content-Range", "bytes */" + served.length);
        refuse(exchange, 416);
        return;
      }
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + served.length);
      status = 206;
    }
    int length = to - from;
    exchange.sendResponseHeaders(status, length == 0 ? -1 : length);
    OutputStream out = exchange.getResponseBody();
    if (length > 1 && silences.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      out.write(served, from, length / 2);
      out.flush();
      keepSilent();
      throw new IOException("the server has closed");
    }
    out.write(served, from, Math.min(length, breakAfterBytes));
    out.flush();
    if (length > breakAfterBytes) {
      throw new IOException("the connection is broken, as the test wants");
    }
    exchange.close();
  }

  private void keepSilent() throws IOException {
    try {
      closing.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static void refuse(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.close();
  }
}
