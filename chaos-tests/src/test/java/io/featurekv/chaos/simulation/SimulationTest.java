package io.featurekv.chaos.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.cli.server.Logging;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SimulationTest {
  private static final long FIRST_SEED = 1;

  /** From here on so few worlds have every fault. */
  private static final long FIRST_SEED_OF_ALL_FAULTS = 3_001;

  private static final int SEEDS = 300;
  private static final int THREADS = 2;

  /** So many worlds at most until a planted defect is found. */
  private static final int MAX_SEEDS_PER_DEFECT = 300;

  /** What simulated nodes complain of are the faults that they are given. */
  @BeforeAll
  static void muteWarnings() {
    Logging.errorsOnly();
  }

  @Test
  void holdsEveryInvariantInEveryWorld() throws InterruptedException {
    SeedBatch batch = new SeedBatch(FIRST_SEED_OF_ALL_FAULTS, SEEDS, null);
    batch.run(THREADS);
    assertThat(batch.failures())
        .as(
            batch.failures().entrySet().stream()
                .limit(1)
                .map(
                    each ->
                        SeedBatch.describe(
                            each.getKey(),
                            each.getValue(),
                            SeedBatch.schedule(each.getKey(), null)))
                .collect(Collectors.joining()))
        .isEmpty();
    System.out.println("simulated from seed " + FIRST_SEED_OF_ALL_FAULTS + ": " + batch.tally());
    assertThat(batch.tally().seeds).isEqualTo(SEEDS);
    assertThat(batch.tally().missingFaults()).as("faults that never fired").isEmpty();
    // That ids expire takes a hundred remembered commands a day apart: long batches have it, and
    // OperationIdTest.
    assertThat(batch.tally().missingOperations())
        .as("operations that never were")
        .isSubsetOf(Operation.EXPIRED_COMMAND);
  }

  @ParameterizedTest
  @EnumSource(Defect.class)
  void findsWhatIsPlanted(Defect defect) {
    InvariantBroken found = null;
    for (long seed = FIRST_SEED;
        seed < FIRST_SEED + MAX_SEEDS_PER_DEFECT && found == null;
        seed++) {
      try {
        Simulation.run(seed, defect, null);
      } catch (InvariantBroken e) {
        System.out.println(defect + " found by seed " + seed + ": " + e.getMessage());
        found = e;
      }
    }
    assertThat(found).as("%s in %s worlds", defect, MAX_SEEDS_PER_DEFECT).isNotNull();
    assertThat(found).hasMessageStartingWith(defect.invariant());
  }

  @Test
  void runsTheSameWorldAgainFromItsSeed() {
    List<String> first = new ArrayList<>();
    List<String> second = new ArrayList<>();
    Simulation.run(FIRST_SEED, null, first);
    Simulation.run(FIRST_SEED, null, second);
    assertThat(first).isNotEmpty().isEqualTo(second);
  }
}
