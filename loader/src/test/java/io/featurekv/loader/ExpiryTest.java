package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.UpdateMode;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When entries expire: what their rows say, else what the table says. */
class ExpiryTest {
  @TempDir Path home;

  private Load rows(String content) {
    Load load = Load.of(home, "a.csv", "id,v,until\n" + content);
    load.expiresColumn = "until";
    return load;
  }

  @ParameterizedTest
  @CsvSource({
    "1900000000, 1900000000",
    "4294967295, 4294967295",
    "99999999999, -1",
    "100000000000, 100000000",
    "1900000000001, 1900000001",
    "1900000000000, 1900000000",
    "2030-01-31T12:00:00Z, 1896091200",
    "2030-01-31T12:00:00.001Z, 1896091201",
    "2030-01-31T13:00:00+01:00, 1896091200",
    "1, 1",
    "0, 1",
  })
  void readsSecondsMillisecondsAndInstants(String text, long seconds) {
    Load load = rows("1,a," + text + "\n");
    if (seconds < 0) {
      assertThat(load.failure()).hasMessageContaining("expires column 'until' is not in 1970");
      return;
    }
    load.run();
    assertThat(load.writers.expiries()).isEqualTo(Map.of("1", seconds));
    assertThat(load.writers.texts()).isEqualTo(Map.of("1", "{\"v\":\"a\"}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tomorrow",
        "-1",
        "1.5",
        "2030-01-31",
        "2030-01-31T12:00:00",
        "9999-12-31T00:00:00Z",
        "123456789012345678901234567890",
        "true"
      })
  void rejectsRowsWithWhatIsNoTime(String text) {
    Load load = rows("1,a," + text + "\n2,b,\n");
    load.maxRejected = 1;
    BuildResult result = load.run();
    assertThat(result.rejected()).isEqualTo(1);
    assertThat(result.firstRejected().getFirst().reason())
        .startsWith("expires column 'until' is no")
        .contains("'" + text + "'");
    assertThat(load.writers.texts()).containsOnlyKeys("2");
  }

  @Test
  void takesNumbersTextAndNullOfJson() {
    Load load =
        Load.of(
            home,
            "a.jsonl",
            """
            {"id":1,"until":1900000000}
            {"id":2,"until":"1900000000000"}
            {"id":3,"until":null}
            {"id":4}
            {"id":5,"until":""}
            {"id":6,"until":1900000000.5}
            {"id":7,"until":[1]}
            {"id":8,"until":true}
            """);
    load.expiresColumn = "until";
    load.maxRejected = 3;
    BuildResult result = load.run();
    assertThat(result.rejected()).isEqualTo(3);
    assertThat(load.writers.expiries()).isEqualTo(Map.of("1", 1900000000L, "2", 1900000000L));
    assertThat(load.writers.texts()).containsOnlyKeys("1", "2", "3", "4", "5");
  }

  @Test
  void countsTheTtlOfTheTableFromTheBuildForRowsThatSayNothing() {
    Load load = rows("1,a,\n2,b,1000\n3,c,3000000000\n");
    load.entryTtlMillis = 1500;
    load.clock = InstantSource.fixed(Instant.ofEpochMilli(1_800_000_000_001L));
    BuildResult result = load.run();
    // Rounded up, so that nothing goes before its time.
    assertThat(load.writers.expiries())
        .isEqualTo(Map.of("1", 1_800_000_003L, "2", 1000L, "3", 3_000_000_000L));
    assertThat(result.entries()).as("what has expired already is kept").isEqualTo(3);
  }

  @Test
  void neverExpiresWhereTheTtlReachesBeyondTheLastSecond() {
    assertThat(ShardBuilding.ttlExpirySeconds(0, 5)).isZero();
    assertThat(ShardBuilding.ttlExpirySeconds(Long.MAX_VALUE, Long.MAX_VALUE)).isZero();
    assertThat(ShardBuilding.ttlExpirySeconds(4_294_967_294_000L, 1000)).isEqualTo(-1);
    assertThat(ShardBuilding.ttlExpirySeconds(4_294_967_294_000L, 1001)).isZero();
  }

  @Test
  void givesDeletionsNoExpiry() {
    Load load = Load.of(home, "a.csv", "id,gone,until\n1,yes,never\n2,,2000000000\n");
    load.expiresColumn = "until";
    load.deleteColumn = "gone";
    load.mode = UpdateMode.INCREMENTAL;
    load.entryTtlMillis = 1000;
    load.run();
    assertThat(load.writers.tombstoneTexts()).containsExactly("1");
    assertThat(load.writers.expiries()).isEqualTo(Map.of("2", 2000000000L));
  }

  @Test
  void keepsTheExpiryOfTheRowThatWins() {
    Load load = rows("1,a,1000\n1,b,\n2,a,\n2,b,2000\n3,a,1\n3,b,3000\n");
    load.run();
    assertThat(load.writers.expiries()).isEqualTo(Map.of("2", 2000L, "3", 3000L));
  }

  @Test
  void carriesExpiriesThroughSpilledRuns() {
    StringBuilder csv = new StringBuilder();
    for (int i = 0; i < 60_000; i++) {
      String until = i % 3 == 0 ? Integer.toString(1_000_000 + i) : "";
      csv.append(i).append(',').append("x".repeat(400)).append(',').append(until).append('\n');
    }
    Load load = rows(csv.toString()).value("v");
    load.run();
    assertThat(load.writers.expiries()).hasSize(20_000);
    load.writers
        .expiries()
        .forEach((key, seconds) -> assertThat(seconds).isEqualTo(1_000_000 + Long.parseLong(key)));
  }

  @Test
  void wantsAColumnOfItsOwnThatIsThere() {
    Load load = rows("1,a,5\n");
    load.expiresColumn = "end";
    assertThat(load.failure()).hasMessageContaining("no expires column 'end'");
    load.expiresColumn = "id";
    assertThat(load.failure().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    load.expiresColumn = "until";
    load.deleteColumn = "until";
    assertThat(load.failure()).hasMessageContaining("is the delete column");
  }

  @Test
  void makesAnotherInputOfTheSameRows() {
    Load load = rows("1,a,5\n");
    String with = ShardBuild.inputsDigest(load.inputSpec());
    load.expiresColumn = "";
    assertThat(ShardBuild.inputsDigest(load.inputSpec())).isNotEqualTo(with);
  }
}
