package io.featurekv.node.merging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.node.control.MetadataScript;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PaceTest {
  private long nowNanos;
  private long sleptNanos;
  private Optional<String> reason = Optional.empty();

  private Pace pace(long bytesPerSecond) {
    return new Pace(
        bytesPerSecond,
        () -> reason,
        () -> nowNanos,
        nanos -> {
          nowNanos += nanos;
          sleptNanos += nanos;
        });
  }

  @Test
  void readsNoMoreThanTheRateAllows() {
    Pace pace = pace(1 << 20);
    for (int i = 0; i < 64; i++) {
      pace.accept(1 << 16);
    }
    assertThat(sleptNanos).isBetween(3_990_000_000L, 4_010_000_000L);
  }

  @Test
  void doesNotSaveUpIdleTime() {
    Pace pace = pace(1 << 20);
    nowNanos += 60_000_000_000L;
    pace.accept(1 << 20);
    assertThat(sleptNanos).isBetween(990_000_000L, 1_010_000_000L);
  }

  @Test
  void endsAMergeThatIsNoLongerWanted() {
    Pace pace = pace(1 << 20);
    pace.accept(1 << 20);
    assertThat(pace.stoppedBecause()).isNull();
    reason = Optional.of("dropped");
    assertThatThrownBy(() -> pace.accept(1 << 20)).isInstanceOf(Pace.StoppedException.class);
    assertThat(pace.stoppedBecause()).isEqualTo("dropped");
  }

  @Test
  void asksNowAndThenEvenWhereNothingHasToWait() {
    Pace pace = pace(Long.MAX_VALUE);
    reason = Optional.of("dropped");
    pace.accept(1);
    nowNanos += 1_000_000_000L;
    assertThatThrownBy(() -> pace.accept(1)).isInstanceOf(Pace.StoppedException.class);
    assertThat(sleptNanos).isZero();
  }

  @Test
  void pausesGrowUpToALongestOne() {
    assertThat(Merger.pauseMillis(1)).isEqualTo(5_000);
    assertThat(Merger.pauseMillis(2)).isEqualTo(10_000);
    assertThat(Merger.pauseMillis(8)).isEqualTo(600_000);
    assertThat(Merger.pauseMillis(1_000)).isEqualTo(600_000);
  }

  @Test
  void expiredEntriesGoADayLaterByTheEarlierOfTwoClocks() {
    MetadataScript script =
        new MetadataScript().node("n0", "a").table("t", 1, 2, new ActivateWhen.Live());
    script.active("t", 0);
    VersionRecord version = script.metadata().tables().get("t").active();
    long activated = version.activatedAtMillis();
    long dayMillis = 24 * 3_600_000L;
    assertThat(Merger.dropExpiredBeforeSeconds(version, activated + 50 * dayMillis))
        .isEqualTo((activated - dayMillis) / 1_000);
    assertThat(Merger.dropExpiredBeforeSeconds(version, activated - dayMillis))
        .isEqualTo((activated - 2 * dayMillis) / 1_000);
    assertThat(Merger.dropExpiredBeforeSeconds(version, 5_000)).isZero();
  }
}
