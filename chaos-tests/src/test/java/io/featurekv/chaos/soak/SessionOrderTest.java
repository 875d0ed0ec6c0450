package io.featurekv.chaos.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.chaos.soak.MetadataWatch.Turn;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionOrderTest {
  private static final List<Turn> UP_AND_BACK =
      List.of(
          new Turn(10, 1, false),
          new Turn(20, 2, false),
          new Turn(30, 1, false),
          new Turn(40, 3, false));

  @Test
  void takesWhatWasActiveInThatOrderWithSomeLeftOut() {
    assertThat(SessionOrder.unexplained(List.of(1L, 2L, 1L, 3L), UP_AND_BACK)).isEmpty();
    assertThat(SessionOrder.unexplained(List.of(2L, 3L), UP_AND_BACK)).isEmpty();
    assertThat(SessionOrder.unexplained(List.of(), UP_AND_BACK)).isEmpty();
  }

  @Test
  void objectsToAVersionThatComesBackThoughNobodyRolledBack() {
    assertThat(SessionOrder.unexplained(List.of(1L, 3L, 1L), UP_AND_BACK)).isPresent();
    assertThat(SessionOrder.unexplained(List.of(2L, 1L, 2L), UP_AND_BACK)).isPresent();
  }

  @Test
  void objectsToAVersionThatNeverWasActive() {
    assertThat(SessionOrder.unexplained(List.of(7L), UP_AND_BACK))
        .hasValueSatisfying(what -> assertThat(what).contains("version 7"));
  }

  @Test
  void believesWhatMayHaveBeenActiveWhileTheWatchWasAway() {
    List<Turn> turns = List.of(new Turn(10, 1, false), new Turn(50, 4, true));
    assertThat(SessionOrder.unexplained(List.of(1L, 3L, 2L, 4L), turns)).isEmpty();
    assertThat(SessionOrder.unexplained(List.of(4L, 1L), turns)).isPresent();
  }
}
