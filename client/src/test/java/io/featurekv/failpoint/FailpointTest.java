package io.featurekv.failpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailpointTest {
  private static final Pattern DOCUMENTED =
      Pattern.compile("^\\| `([a-z]+\\.[a-z-]+)` \\|", Pattern.MULTILINE);

  @TempDir Path directory;

  private final List<Integer> exits = new ArrayList<>();

  private Armed armed(String orders) {
    return new Armed(orders, null, exits::add);
  }

  @Test
  void docsListEveryPointOnceInTheirOrder() throws IOException {
    Path docs = Path.of(System.getProperty("basedir", "."), "..", "docs", "failpoints.md");
    List<String> documented =
        DOCUMENTED.matcher(Files.readString(docs)).results().map(found -> found.group(1)).toList();
    assertThat(documented)
        .containsExactlyElementsOf(
            Arrays.stream(Failpoint.values()).map(Failpoint::pointName).toList());
  }

  @Test
  void thereAreAtLeast25PointsAndEveryStageHasOne() {
    assertThat(Failpoint.values()).hasSizeGreaterThanOrEqualTo(25);
    assertThat(Arrays.stream(Failpoint.values()).map(Failpoint::stage))
        .contains(
            "spill",
            "build",
            "seal",
            "ship",
            "register",
            "load",
            "activate",
            "rollback",
            "collect",
            "snapshot",
            "merge",
            "canary");
  }

  @Test
  void pointsAreInertWithoutAProperty() {
    for (Failpoint point : Failpoint.values()) {
      assertThatCode(point::hit).doesNotThrowAnyException();
      assertThatCode(point::hitWriting).doesNotThrowAnyException();
    }
  }

  @Test
  void killsAtTheNthHitOfThePointNamedAndOnlyOnce() throws IOException {
    Armed armed = armed("ship.before-rename:kill@3");
    for (int hit = 1; hit <= 5; hit++) {
      armed.hit(Failpoint.SHIP_BEFORE_FORCE);
      armed.hitWriting(Failpoint.SHIP_BEFORE_RENAME);
      assertThat(exits).hasSize(hit < 3 ? 0 : 1);
    }
    assertThat(exits).containsExactly(137);
  }

  @Test
  void failsAsADiskWouldWhereTheDiskIsWrittenAndAsTheProgramElsewhere() {
    Armed armed = armed("seal.before-force:fail,merge.before-build:fail@1");
    assertThatThrownBy(() -> armed.hitWriting(Failpoint.SEAL_BEFORE_FORCE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("seal.before-force");
    assertThatThrownBy(() -> armed.hit(Failpoint.MERGE_BEFORE_BUILD))
        .isInstanceOf(FeatureKvException.class)
        .hasMessageContaining("merge.before-build");
    assertThatCode(() -> armed.hit(Failpoint.MERGE_BEFORE_BUILD)).doesNotThrowAnyException();
  }

  @Test
  void followsAFileThatComesAndChangesAndCountsAnew() throws IOException {
    Path orders = directory.resolve("orders");
    Armed armed = armed("@" + orders);
    armed.hit(Failpoint.LOAD_BEFORE_OPEN);
    Files.writeString(orders, "load.before-open:fail@2\n");
    armed.hit(Failpoint.LOAD_BEFORE_OPEN);
    assertThatThrownBy(() -> armed.hit(Failpoint.LOAD_BEFORE_OPEN))
        .isInstanceOf(FeatureKvException.class);
    Files.writeString(orders, "load.before-open:kill");
    armed.hit(Failpoint.LOAD_BEFORE_OPEN);
    assertThat(exits).hasSize(1);
    Files.delete(orders);
    armed.hit(Failpoint.LOAD_BEFORE_OPEN);
    assertThat(exits).hasSize(1);
  }

  @Test
  void reportsEachPointOnce() throws IOException {
    Path report = directory.resolve("report");
    Armed armed = new Armed("", report, exits::add);
    for (int i = 0; i < 3; i++) {
      armed.hit(Failpoint.ROLLBACK_AFTER_APPLY);
      armed.hitWriting(Failpoint.SNAPSHOT_BEFORE_WRITE);
    }
    assertThat(Files.readAllLines(report))
        .containsExactly("rollback.after-apply", "snapshot.before-write");
  }

  @Test
  void readsPauses() {
    assertThat(Armed.parse("load.before-probe:pause=1500@2"))
        .containsExactly(new Armed.Order(Failpoint.LOAD_BEFORE_PROBE, Armed.Action.PAUSE, 1500, 2));
    assertThat(Armed.parse(" ")).isEmpty();
  }

  @Test
  void refusesWhatIsNoOrderNamingIt() {
    assertThatThrownBy(() -> Armed.parse("ship.before-renam:kill"))
        .hasMessageContaining("'ship.before-renam'")
        .hasMessageContaining("ship.before-rename");
    for (String wrong :
        List.of("ship.before-rename", "ship.before-rename:die", "ship.before-rename:kill@x", ",")) {
      assertThatThrownBy(() -> Armed.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("kill");
    }
  }
}
