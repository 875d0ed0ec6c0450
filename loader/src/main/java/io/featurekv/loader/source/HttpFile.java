package io.featurekv.loader.source;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an http or https address gives (RFC 9110). Where the server answers range requests it is
 * read from anywhere, and a broken connection goes on where it broke; where not, it is read once
 * from the start. What it gives must not change in the meantime, as far as its ETag, time of change
 * and length tell.
 */
final class HttpFile implements Origin {
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-\\d+/(\\d+)");
  private static final Pattern EMPTY_RANGE = Pattern.compile("bytes \\*/0");
  private static final String WEAK = "W/";

  private final String address;
  private final URI uri;
  private final HttpClient client;
  private final HttpPatience patience;
  private final Found found;

  /**
   * What the server said when it was asked first.
   *
   * @param lengthBytes -1 where that is not known
   * @param etag empty: none
   * @param modified empty: none
   */
  private record Found(long lengthBytes, boolean hasRanges, String etag, String modified) {
    static Found of(HttpHeaders headers, long lengthBytes, boolean hasRanges) {
      return new Found(
          lengthBytes,
          hasRanges,
          headers.firstValue("etag").orElse(""),
          headers.firstValue("last-modified").orElse(""));
    }

    boolean isSame(Found other) {
      return lengthBytes == other.lengthBytes()
          && etag.equals(other.etag())
          && (!etag.isEmpty() || modified.equals(other.modified()));
    }
  }

  private HttpFile(String address, URI uri, HttpClient client, HttpPatience patience, Found found) {
    this.address = address;
    this.uri = uri;
    this.client = client;
    this.patience = patience;
    this.found = found;
  }

  /**
   * Asks the server for one byte, so that it shows whether it answers range requests.
   *
   * @throws FeatureKvException INVALID_ARGUMENT where it refuses, UNAVAILABLE where it cannot be
   *     reached
   */
  static HttpFile find(String address, URI uri, HttpClient client, HttpPatience patience) {
    Found unknown = new Found(-1, false, "", "");
    HttpFile asking = new HttpFile(address, uri, client, patience, unknown);
    Found found = asking.retries().run("be asked for", asking::ask);
    return new HttpFile(address, uri, client, patience, found);
  }

  HttpRetries retries() {
    return new HttpRetries(address, patience.firstWait());
  }

  private Found ask() throws IOException {
    HttpResponse<InputStream> response = send(request().header("Range", "bytes=0-0").build());
    try (InputStream body = response.body()) {
      HttpHeaders headers = response.headers();
      String range = headers.firstValue("content-range").orElse("");
      if (response.statusCode() == 416 && EMPTY_RANGE.matcher(range).matches()) {
        return Found.of(headers, 0, true);
      }
      refuseFailure(response);
      if (response.statusCode() == 206) {
        Matcher matcher = CONTENT_RANGE.matcher(range);
        if (matcher.matches()) {
          return Found.of(headers, Long.parseLong(matcher.group(2)), true);
        }
        throw invalid("answers a range request without saying its length: '" + range + "'");
      }
      return Found.of(headers, headers.firstValueAsLong("content-length").orElse(-1), false);
    }
  }

  private HttpRequest.Builder request() {
    return HttpRequest.newBuilder(uri)
        .timeout(patience.silence())
        .header("Accept-Encoding", "identity");
  }

  /** Sends a request and follows redirects, each time from the beginning: they may lead on. */
  private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
    HttpRequest next = request;
    for (int hops = 0; ; hops++) {
      HttpResponse<InputStream> response = sendOnce(next);
      if (!HttpRedirect.isRedirect(response.statusCode())) {
        return response;
      }
      response.body().close();
      String location = response.headers().firstValue("location").orElse("");
      next =
          switch (HttpRedirect.of(next.uri(), location, hops)) {
            case HttpRedirect.Follow(URI to) ->
                HttpRequest.newBuilder(next, (name, value) -> true).uri(to).build();
            case HttpRedirect.Refused(String why) -> throw invalid("cannot be read: it " + why);
          };
    }
  }

  private HttpResponse<InputStream> sendOnce(HttpRequest request) throws IOException {
    try {
      return client.send(request, response -> new HttpBody(patience.silence()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(e);
    }
  }

  static FeatureKvException interrupted(InterruptedException cause) {
    return new FeatureKvException(ErrorCode.TRY_AGAIN, "reading was interrupted", cause);
  }

  /** Throws an IOException where asking again may help, and otherwise what is wrong. */
  private void refuseFailure(HttpResponse<?> response) throws IOException {
    int status = response.statusCode();
    if (status == 408 || status == 429 || status >= 500) {
      throw new IOException("the server answers " + status);
    }
    if (status != 200 && status != 206) {
      throw invalid("cannot be read: the server answers " + status);
    }
  }

  private FeatureKvException invalid(String what) {
    return new FeatureKvException(ErrorCode.INVALID_ARGUMENT, address + " " + what);
  }

  /**
   * The bytes from one offset to another, as one response gives them.
   *
   * @throws FeatureKvException INVALID_ARGUMENT where it has changed
   */
  InputStream get(long from, long to) throws IOException {
    HttpRequest.Builder request = request();
    if (found.hasRanges()) {
      request.header("Range", "bytes=" + from + "-" + (to - 1));
      String condition = found.etag().startsWith(WEAK) ? "" : found.etag();
      if (!condition.isEmpty()) {
        request.header("If-Range", condition);
      }
    }
    HttpResponse<InputStream> response = send(request.build());
    try {
      if (response.statusCode() == 416) {
        throw changed(null);
      }
      refuseFailure(response);
      checkUnchanged(response, from);
      return response.body();
    } catch (IOException | RuntimeException e) {
      response.body().close();
      throw e;
    }
  }

  private void checkUnchanged(HttpResponse<InputStream> response, long from) {
    HttpHeaders headers = response.headers();
    if (response.statusCode() == 200) {
      Found now = Found.of(headers, headers.firstValueAsLong("content-length").orElse(-1), false);
      if (found.hasRanges() && from > 0) {
        throw changed(now);
      }
      if (!now.isSame(found)) {
        throw changed(now);
      }
      return;
    }
    Matcher range = CONTENT_RANGE.matcher(headers.firstValue("content-range").orElse(""));
    if (!range.matches() || Long.parseLong(range.group(1)) != from) {
      throw invalid(
          "cannot be read: asked for the bytes from "
              + from
              + " on, the server answers "
              + headers.firstValue("content-range").orElse("without a range"));
    }
    Found now = Found.of(headers, Long.parseLong(range.group(2)), true);
    if (!now.isSame(found)) {
      throw changed(now);
    }
  }

  private FeatureKvException changed(@Nullable Found now) {
    return invalid(
        "has changed since the load began: it was "
            + described(found)
            + (now == null ? "" : ", now it is " + described(now)));
  }

  private static String described(Found found) {
    return "of "
        + found.lengthBytes()
        + " bytes, ETag "
        + (found.etag().isEmpty() ? "none" : found.etag())
        + ", last modified "
        + (found.modified().isEmpty() ? "at an unknown time" : found.modified());
  }

  @Override
  public String name() {
    return address;
  }

  @Override
  public String fileName() {
    return String.valueOf(uri.getPath());
  }

  @Override
  public long lengthBytes() {
    return found.lengthBytes();
  }

  @Override
  public String identity() {
    return address + "|" + found.lengthBytes() + "|" + found.etag() + "|" + found.modified();
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public boolean isSeekable() {
    return found.hasRanges();
  }

  @Override
  public InputStream open(long from, long to) {
    long end = found.lengthBytes() < 0 ? to : Math.min(to, found.lengthBytes());
    return new HttpStream(this, from, end, found.hasRanges());
  }
}
