package io.featurekv.chaos.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.chaos.BelowTarget;
import io.featurekv.chaos.FileTrees;
import io.featurekv.chaos.ProcessCluster;
import io.featurekv.failpoint.Failpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The short form of {@code chaos-tests/soak}: several scenarios over one cluster. */
class ChaosTest {
  private static final long SEED = 20_261_128;
  private static final List<String> NAMES =
      List.of("kill-at-ship", "kill-all", "damage-shard", "swaps");

  /** A voter gets a snapshot only where its leader's log begins later; MetadataVoterTest does. */
  private static final Set<String> REACHED_ELSEWHERE = Set.of("snapshot.before-install");

  private static List<Scenario> scenarios() {
    return Stream.concat(
            Stream.of(new Tour()),
            NAMES.stream()
                .map(
                    name ->
                        Catalog.all().stream()
                            .filter(scenario -> scenario.name().equals(name))
                            .findFirst()
                            .orElseThrow()))
        .toList();
  }

  @Test
  void noInvariantIsViolatedAndEveryFailpointIsReached() throws Exception {
    Path directory = BelowTarget.create("ChaosTest");
    System.out.println("seed " + SEED);
    List<Scenario> scenarios = scenarios();
    SoakRun.Result result =
        SoakRun.run(
            new SoakRun.Settings(
                directory.resolve("run"),
                scenarios,
                Profile.SMALL,
                Duration.ZERO,
                1,
                ProcessCluster.PATIENCE,
                SEED));
    System.out.println(result);
    assertThat(result.violations()).as("files in %s", directory).isEmpty();
    assertThat(result.done().reads()).isGreaterThan(200);
    assertThat(result.done().provedKeys()).isGreaterThan(2_000);
    assertThat(result.done().changes()).isGreaterThan(20);
    assertThat(result.done().loads()).isGreaterThan(5);
    assertThat(result.done().activations()).isPositive();
    assertThat(result.done().rollbacks()).isPositive();
    assertThat(result.fired()).containsKeys("kill-all", "damage-shard", "swap", "merge");
    Set<String> missing = new TreeSet<>();
    Arrays.stream(Failpoint.values()).map(Failpoint::pointName).forEach(missing::add);
    missing.removeAll(result.reachedPoints());
    missing.removeAll(REACHED_ELSEWHERE);
    assertThat(missing).as("failpoints that nothing reached").isEmpty();
    // What is not clean stays, to be looked at.
    FileTrees.delete(directory);
  }

  @Test
  void everyScenarioHasItsOwnNameAndFaults() {
    List<Scenario> all = Catalog.all();
    assertThat(all.stream().map(Scenario::name)).doesNotHaveDuplicates();
    assertThat(all).allSatisfy(scenario -> assertThat(scenario.faults()).isNotEmpty());
    assertThat(all).allSatisfy(scenario -> assertThat(scenario.about()).endsWith("."));
  }
}
