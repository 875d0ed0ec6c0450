package io.featurekv.loader.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.loader.source.FaultyServer.Redirect;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses whose servers send to others. */
class HttpRedirectTest {
  private static final HttpPatience HASTE =
      new HttpPatience(Duration.ofSeconds(10), Duration.ofMillis(1));

  private FaultyServer server;
  private FaultyServer other;

  @BeforeEach
  void start() throws IOException {
    server = new FaultyServer();
    other = new FaultyServer();
    StringBuilder csv = new StringBuilder("id,x\n");
    for (int i = 0; i < 1000; i++) {
      csv.append(i).append(",plain\n");
    }
    other.content = csv.toString().getBytes(StandardCharsets.UTF_8);
    server.content = other.content;
  }

  @AfterEach
  void stop() {
    server.close();
    other.close();
  }

  private Input input(String path) {
    return new HttpProvider(HASTE).find(server.address(path), Reading.PLAIN).getFirst();
  }

  private void assertRefused(String path, String... messages) {
    assertThatThrownBy(() -> input(path))
        .isInstanceOfSatisfying(
            FeatureKvException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageStartingWith(server.address(path) + " cannot be read: it redirects ")
        .hasMessageContainingAll(messages);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void readsRangesOfWhatAnAddressIsRedirectedTo(int status) throws IOException {
    List<String> expected = PartReading.rows(input("/a.csv"), Long.MAX_VALUE);
    assertThat(expected).hasSize(1000);
    server.redirects.put("/here.csv", new Redirect(status, "sub/there?token=a%2Fb"));
    server.redirects.put("/away.csv", new Redirect(status, "/further"));
    server.redirects.put("/further", new Redirect(status, other.address("/x?y=z.parquet")));
    for (String path : new String[] {"/here.csv", "/away.csv?v=1.json"}) {
      Input input = input(path);
      assertThat(input.lengthBytes()).isEqualTo(other.content.length);
      server.breakAfterBytes = 3_000;
      other.breakAfterBytes = 3_000;
      assertThat(PartReading.rows(input, 2_000)).as(path).isEqualTo(expected);
      assertThat(PartReading.rows(input, Long.MAX_VALUE)).as(path).isEqualTo(expected);
    }
    assertThat(other.requests.get()).isGreaterThan(3);
  }

  @Test
  void refusesRedirectsWithoutEnd() {
    server.redirects.put("/loop.csv", new Redirect(302, "/loop.csv"));
    assertRefused("/loop.csv", "more than 10 times", "last from " + server.address("/loop.csv"));
    assertThat(server.requests).hasValue(HttpRedirect.MAX_HOPS + 1);
  }

  @Test
  void refusesRedirectsToNowhere() {
    server.redirects.put("/a.csv", new Redirect(302, ""));
    assertRefused("/a.csv", "without saying where to");
    server.redirects.put("/b.csv", new Redirect(302, "ftp://host/b.csv"));
    assertRefused("/b.csv", "to ftp://host/b.csv, which is no http address");
    server.redirects.put("/c.csv", new Redirect(302, "http://[x"));
    assertRefused("/c.csv", "to no address");
    server.redirects.put("/d.csv", new Redirect(302, "/none/d.csv"));
    assertThatThrownBy(() -> input("/d.csv")).hasMessageContaining("the server answers 404");
  }

  @Test
  void refusesToLeaveHttps() {
    URI secure = URI.create("https://host/a.csv");
    assertThat(HttpRedirect.of(secure, "http://host/a.csv", 0))
        .isEqualTo(
            new HttpRedirect.Refused(
                "redirects from https://host/a.csv to http://host/a.csv, which is not followed"
                    + " from https to http"));
    assertFollows(secure.toString(), "//other:8443/b", "https://other:8443/b");
    assertFollows("http://host/a.csv", secure.toString(), secure.toString());
  }

  private static void assertFollows(String from, String location, String to) {
    assertThat(HttpRedirect.of(URI.create(from), location, 0))
        .isEqualTo(new HttpRedirect.Follow(URI.create(to)));
  }

  @Test
  void keepsThePathWhereOnlyTheQueryIsAnother() {
    assertFollows("http://host/d/a.csv", "?token=x", "http://host/d/a.csv?token=x");
    assertFollows(
        "http://host:81/d/a.csv?v=1", "?token=a%2Fb#f", "http://host:81/d/a.csv?token=a%2Fb#f");
    assertFollows("http://host//a%20b", "?x", "http://host//a%20b?x");
    assertFollows("http://host", "?x", "http://host?x");
    assertFollows("http://host/d/a.csv?v=1", "b.csv?x", "http://host/d/b.csv?x");
  }

  @Test
  void tellsFormatsByThePathAlone() {
    assertThat(input("/a.csv?name=b.parquet&x=a/b.json").name())
        .endsWith("?name=b.parquet&x=a/b.json");
    assertThatThrownBy(() -> input("/download?name=a.csv"))
        .hasMessageContaining("the format of /download cannot be told")
        .hasMessageContaining("--format");
  }
}
