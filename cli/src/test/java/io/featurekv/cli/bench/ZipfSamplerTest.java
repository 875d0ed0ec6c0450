package io.featurekv.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZipfSamplerTest {
  private static final int RANKS = 50;
  private static final int DRAWS = 1_000_000;

  /** Above this, a sum of squares of 49 degrees of freedom lies once in a thousand. */
  private static final double CHI_SQUARE_49_AT_0_001 = 85.35;

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.99, 1, 1.3})
  void drawsEveryRankAsOftenAsItsProbabilitySays(double exponent) {
    ZipfSampler sampler = new ZipfSampler(RANKS, exponent);
    SplitMix64 random = new SplitMix64(42);
    long[] drawn = new long[RANKS + 1];
    for (int i = 0; i < DRAWS; i++) {
      drawn[(int) sampler.rank(random)]++;
    }
    double whole = 0;
    for (int rank = 1; rank <= RANKS; rank++) {
      whole += Math.pow(rank, -exponent);
    }
    double chiSquare = 0;
    for (int rank = 1; rank <= RANKS; rank++) {
      double expected = DRAWS * Math.pow(rank, -exponent) / whole;
      chiSquare += (drawn[rank] - expected) * (drawn[rank] - expected) / expected;
    }
    assertThat(drawn[0]).isZero();
    assertThat(chiSquare).isLessThan(CHI_SQUARE_49_AT_0_001);
  }

  @Test
  void staysWithinManyRanks() {
    long ranks = 1L << 40;
    ZipfSampler sampler = new ZipfSampler(ranks, 0.99);
    SplitMix64 random = new SplitMix64(7);
    for (int i = 0; i < 100_000; i++) {
      assertThat(sampler.rank(random)).isBetween(1L, ranks);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 10, 1000, 65_536})
  void everyRankHasAnEntryOfItsOwn(long entries) {
    KeyDistribution.Draws draws = new KeyDistribution(0.99).draws(entries, 1);
    Set<Long> seen = new HashSet<>();
    for (long rank = 0; rank < entries; rank++) {
      seen.add(draws.entryOf(rank));
    }
    assertThat(seen).hasSize((int) entries).allMatch(entry -> entry >= 0 && entry < entries);
  }

  @Test
  void scattersRanksOfTheLargestSetWithoutOverflow() {
    long entries = 1L << 40;
    KeyDistribution.Draws draws = new KeyDistribution(0.99).draws(entries, 1);
    assertThat(draws.entryOf(entries - 1)).isBetween(0L, entries - 1);
  }

  @Test
  void uniformDrawsReachBothEnds() {
    KeyDistribution.Draws draws = new KeyDistribution(0).draws(3, 1);
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      seen.add(draws.next());
    }
    assertThat(seen).containsExactlyInAnyOrder(0L, 1L, 2L);
  }
}
