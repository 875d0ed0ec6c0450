package io.featurekv.chaos.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TotalsTest {
  private static final Scenario.Least LEAST = new Scenario.Least(1, 1, 1);
  private static final Scenario.Done ENOUGH = LEAST.done();
  private static final List<Scenario> BOTH =
      List.of(scenario("harms", new Layout.Loopback()), scenario("misses", new Layout.Loopback()));

  private static Scenario scenario(String name, Layout layout) {
    return new Strikes(name, "About it.", Set.of(1), layout, LEAST, harm -> {});
  }

  private static SoakRun.Result result(
      long attemptsOfMisses, long struckByMisses, List<Checks.Violation> violations) {
    return new SoakRun.Result(
        counts(2, attemptsOfMisses),
        counts(2, struckByMisses),
        ENOUGH,
        1,
        0,
        new TreeMap<>(),
        counts(2, struckByMisses),
        Set.of(),
        violations,
        violations.size());
  }

  private static SortedMap<String, Long> counts(long harms, long misses) {
    SortedMap<String, Long> counts = new TreeMap<>();
    counts.put("harms", harms);
    counts.put("misses", misses);
    return counts;
  }

  private static Totals totals(boolean isNamed, SoakRun.Result result) {
    Totals totals = new Totals(BOTH, isNamed);
    totals.add(result, BOTH, 0);
    return totals;
  }

  @Test
  void passesWhereEveryScenarioReallyStruck() {
    Totals totals = totals(true, result(3, 1, List.of()));
    assertThat(totals.exitCode()).isZero();
    assertThat(totals.text()).endsWith("\npassed\n").doesNotContain("void");
  }

  @Test
  void showsAScenarioThatNeverStruckAsVoid() {
    Totals named = totals(true, result(3, 0, List.of()));
    assertThat(named.exitCode()).isEqualTo(Totals.VOID);
    assertThat(named.text())
        .containsPattern("misses +3 +0  void: never fired\n")
        .endsWith("void\n");
    Totals all = totals(false, result(0, 0, List.of()));
    assertThat(all.exitCode()).isZero();
    assertThat(all.text())
        .containsPattern("misses +0 +0  void: had no chance\n")
        .endsWith("passed, but for 1 scenarios that are void\n");
  }

  @Test
  void showsWhatWasDoneAndFoundBeforeARunBrokeOff() {
    Totals totals = new Totals(BOTH, true);
    totals.addBroken(result(1, 1, List.of()), "a disk is gone");
    assertThat(totals.exitCode()).isEqualTo(Totals.BROKEN);
    assertThat(totals.text())
        .containsPattern("harms +2 +2\n")
        .endsWith("BROKEN OFF: a disk is gone\nbroken off\n");
    totals.addBroken(result(1, 1, List.of(new Checks.Violation(11, "x"))), "again");
    assertThat(totals.exitCode()).isEqualTo(Totals.VIOLATED);
  }

  @Test
  void isVoidWhereTooLittleWasDoneOrFired() {
    Totals totals = new Totals(BOTH, false);
    assertThat(totals.add(result(3, 1, List.of()), BOTH, 2)).hasSize(1);
    assertThat(totals.exitCode()).isEqualTo(Totals.VOID);
  }
}
