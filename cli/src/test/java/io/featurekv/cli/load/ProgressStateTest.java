package io.featurekv.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.cli.terminal.Json;
import org.junit.jupiter.api.Test;

class ProgressStateTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void showsStageShareRateAndRemainingTime() {
    ProgressState state = ProgressState.begin("read", 0).withDone(50_000, -1).withBytes(25, 100);
    assertThat(state.bar(2 * SECOND))
        .isEqualTo("read   [#######.....................]  25%  50,000  25,000/s  ETA 6.00 s");
  }

  @Test
  void showsOnlyWhatIsKnown() {
    assertThat(ProgressState.begin("load", 0).withDone(0, -1).bar(3 * SECOND))
        .isEqualTo("load   0  0/s  3.00 s");
  }

  @Test
  void saysWhatItWaitsForInsteadOfHowFastItIs() {
    ProgressState state =
        ProgressState.begin("canary", 0).withDone(180_000, 600_000).withNote("no reads yet");
    assertThat(state.bar(3 * SECOND))
        .isEqualTo("canary [########....................]  30%  no reads yet");
    assertThat(Json.text(json -> state.writeJson(json, 0, 3 * SECOND)))
        .contains("\"percent\":30.0,\"note\":\"no reads yet\",");
  }

  @Test
  void tellsBothRatesOfAStageThatMovesBytes() {
    ProgressState state = ProgressState.begin("ship", 0).withDone(30, 60).withBytes(400, 1600);
    assertThat(Json.text(json -> state.writeJson(json, 0, 2 * SECOND)))
        .isEqualTo(
            "{\"stage\":\"ship\",\"done\":30,\"total\":60,\"bytes\":400,\"bytesTotal\":1600,"
                + "\"bytesPerSecond\":200,\"percent\":25.0,\"perSecond\":15,\"etaSeconds\":6,"
                + "\"seconds\":2.0}");
  }

  @Test
  void writesOneJsonLine() {
    ProgressState state = ProgressState.begin("build", SECOND).withDone(300, 600);
    assertThat(Json.text(json -> state.writeJson(json, 0, 3 * SECOND)))
        .isEqualTo(
            "{\"stage\":\"build\",\"done\":300,\"total\":600,\"percent\":50.0,\"perSecond\":150,"
                + "\"etaSeconds\":2,\"seconds\":3.0}");
  }
}
