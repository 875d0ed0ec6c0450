package io.featurekv.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OperationIdTest {
  private static final long HOUR_MILLIS = 3_600_000;

  private static Command create(String table) {
    return new Command.CreateTable(table, TableKind.IDX, MetadataScript.TWO_SHARDS);
  }

  @Test
  void idsCarryTheirTimeAndSortByIt() {
    Random random = new Random(1);
    String earlier = OperationIds.next(1_800_000_000_000L, random);
    String later = OperationIds.next(1_800_000_000_001L, random);
    assertThat(OperationIds.timeMillis(earlier)).hasValue(1_800_000_000_000L);
    assertThat(earlier).isLessThan(later);
    assertThat(OperationIds.timeMillis("f81d4fae-7dec-11d0-a765-00a0c91e6bf6")).isEmpty();
    assertThat(OperationIds.timeMillis(earlier.toUpperCase(java.util.Locale.ROOT))).isEmpty();
    assertThat(OperationIds.timeMillis("load-1")).isEmpty();
  }

  @Test
  void repeatingACommandGivesTheFirstResultWithoutASecondEffect() {
    MetadataScript script = MetadataScript.formed();
    String id = script.newId();
    CommandResult first = script.apply(id, create("t"));
    script.done(new Command.DropTable("t"));
    assertThat(script.apply(id, create("t"))).isEqualTo(first);
    assertThat(script.state().tables()).isEmpty();
  }

  @Test
  void repeatingARefusedCommandIsRefusedThoughItCouldSucceedNow() {
    MetadataScript script = MetadataScript.formed();
    String id = script.newId();
    CommandResult first = script.apply(id, new Command.DropTable("t"));
    assertThat(first.error()).isEqualTo(ErrorCode.NOT_FOUND);
    script.done(create("t"));
    assertThat(script.apply(id, new Command.DropTable("t"))).isEqualTo(first);
    assertThat(script.state().tables()).containsKey("t");
  }

  @Test
  void repeatingABeginningLeavesTheAttemptThatIsUnderWay() {
    MetadataScript script = MetadataScript.formed();
    script.done(create("t"));
    Command begin =
        new Command.BeginTask("load", "t", UpdateMode.FULL, "words", "digest", true, Set.of());
    String id = script.newId();
    CommandResult first = script.apply(id, begin);
    assertThat(first.attempt()).isEqualTo(1);
    assertThat(script.apply(id, begin)).isEqualTo(first);
    assertThat(script.state().tasks().get("load").attempt()).isEqualTo(1);
    assertThat(script.apply(script.newId(), begin).attempt()).isEqualTo(2);
    // Nor does it come back in another table of that name.
    script.done(new Command.DropTable("t"));
    script.done(create("t"));
    assertThat(script.apply(id, begin)).isEqualTo(first);
    assertThat(script.state().tasks()).isEmpty();
  }

  @Test
  void refusesAnIdThatWasUsedForAnotherCommand() {
    MetadataScript script = MetadataScript.formed();
    String id = script.newId();
    script.apply(id, create("t"));
    CommandResult other = script.apply(id, create("u"));
    assertThat(other.error()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(script.state().tables()).containsOnlyKeys("t");
  }

  @Test
  void refusesAnIdThatIsNoUuidOfVersion7() {
    MetadataScript script = MetadataScript.formed();
    assertThat(script.apply("mine", create("t")).error()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void forgetsAnIdAfterADayAndRefusesItThen() {
    MetadataScript script = MetadataScript.formed();
    String id = script.newId();
    script.apply(id, create("t"));
    int anHour = 10;
    for (int tenth = 0; tenth < 36 * anHour; tenth++) {
      script.pass(HOUR_MILLIS / anHour);
      script.done(new Command.AlterTable("t", MetadataScript.TWO_SHARDS));
    }
    assertThat(script.state().operations()).doesNotContainKey(id);
    assertThat(script.apply(id, create("t")).error()).isEqualTo(ErrorCode.EXPIRED);
    assertThat(script.state().operations())
        .hasSizeLessThanOrEqualTo(24 * anHour + OperationIds.WITNESSES + 1);
  }

  @Test
  void oneClockFarAheadDoesNotExpireEverybodyElse() {
    MetadataScript script = MetadataScript.formed();
    script.pass(1000 * 24 * HOUR_MILLIS);
    script.done(create("t"));
    script.pass(-1000 * 24 * HOUR_MILLIS);
    script.done(create("u"));
  }

  /** As when the leader's clock is wrong for minutes, and most commands are its own. */
  @Test
  void manyCommandsFromAClockFarAheadDoNotExpireThoseOfRightOnes() {
    MetadataScript script = MetadataScript.formed();
    script.done(create("t"));
    long twoDays = 48 * HOUR_MILLIS;
    for (int wrong = 0; wrong < 400; wrong++) {
      script.pass(twoDays);
      script.done(new Command.AlterTable("t", MetadataScript.TWO_SHARDS));
      script.pass(-twoDays);
      if (wrong % (OperationIds.WITNESSES - 10) == 0) {
        script.done(new Command.AlterTable("t", MetadataScript.TWO_SHARDS));
      }
    }
    script.done(create("u"));
  }

  @Test
  void refusesAnIdFromTheFuture() {
    MetadataScript script = MetadataScript.formed();
    String id = OperationIds.next(script.nowMillis() + 25 * HOUR_MILLIS, new Random(3));
    assertThat(script.apply(id, create("t")).error()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void reportsAreNotRemembered() {
    MetadataScript script = MetadataScript.withTable();
    script.done(MetadataScript.begin("task", UpdateMode.FULL));
    int before = script.state().operations().size();
    script.done(new Command.SetNodeState("n1", NodeState.DOWN));
    script.hold("n1", 1);
    script.done(
        new Command.ReportProgress(
            "task", 1, "sort", StageFigures.ofEntries(1, 2), TaskCounts.NONE));
    assertThat(script.state().operations()).hasSize(before);
  }
}
