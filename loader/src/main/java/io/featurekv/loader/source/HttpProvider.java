package io.featurekv.loader.source;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Files behind http and https addresses, each named by itself: they cannot be listed. */
public final class HttpProvider implements InputProvider {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final HttpPatience patience;
  private @Nullable HttpClient client;

  /** For {@link java.util.ServiceLoader}. */
  public HttpProvider() {
    this(HttpPatience.DEFAULT);
  }

  HttpProvider(HttpPatience patience) {
    this.patience = patience;
  }

  @Override
  public Set<String> schemes() {
    return Set.of("http", "https");
  }

  @Override
  public List<Input> find(String address, ReadOptions options) {
    URI uri = uri(address);
    if (uri.getHost() == null) {
      throw invalid("input " + address + " names no host");
    }
    if (uri.getPath() == null || uri.getPath().isEmpty() || uri.getPath().endsWith("/")) {
      throw invalid(
          "input "
              + address
              + " is a directory, which cannot be listed over http; name its files one by one");
    }
    return List.of(Inputs.of(HttpFile.find(address, uri, client(), patience), options));
  }

  private static URI uri(String address) {
    try {
      return new URI(address);
    } catch (URISyntaxException e) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "input " + address + " is no address that can be read: " + e.getMessage(),
          e);
    }
  }

  /** One for all files, so that connections are used again. */
  private HttpClient client() {
    HttpClient made = client;
    if (made == null) {
      made =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(CONNECT_TIMEOUT)
              .build();
      client = made;
    }
    return made;
  }

  private static FeatureKvException invalid(String message) {
    return new FeatureKvException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
