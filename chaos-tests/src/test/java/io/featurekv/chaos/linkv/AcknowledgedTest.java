package io.featurekv.chaos.linkv;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.chaos.linkv.Operation.Call;
import io.featurekv.chaos.linkv.Operation.Effect;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AcknowledgedTest {
  private static final LinKvSettings ASKS_FOR_2000 =
      new LinKvSettings(1, 3, 20, Set.of(), Latency.CONSTANT, 0, 100);

  private static List<Operation> times(int count, Call call, Effect effect) {
    long ended = effect instanceof Effect.Open ? Operation.NEVER : 2;
    return Collections.nCopies(count, new Operation("c1", "n0", 1, call, effect, 1, ended));
  }

  private static Acknowledged of(int reads, int writes, int swaps) {
    List<Operation> all = new ArrayList<>();
    all.addAll(times(reads, new Call.Read(), new Effect.Saw(1)));
    all.addAll(times(writes, new Call.Write(1), new Effect.Done()));
    all.addAll(times(swaps, new Call.Cas(1, 2), new Effect.Done()));
    all.addAll(times(500, new Call.Write(3), new Effect.Open()));
    all.addAll(times(100, new Call.Cas(3, 4), new Effect.Mismatch()));
    return Acknowledged.in(all);
  }

  @Test
  void readsAloneSayNothing() {
    assertThat(of(500, 20, 2)).isEqualTo(new Acknowledged(622, 20, 2));
    assertThat(of(500, 20, 2).tooLittle(ASKS_FOR_2000)).isEmpty();
    assertThat(of(500, 0, 2).tooLittle(ASKS_FOR_2000)).isPresent();
    assertThat(of(500, 20, 0).tooLittle(ASKS_FOR_2000)).isPresent();
  }

  @Test
  void fewOperationsSayNothing() {
    assertThat(Acknowledged.in(times(99, new Call.Write(1), new Effect.Done())).operations())
        .isEqualTo(99);
    assertThat(new Acknowledged(99, 90, 9).tooLittle(ASKS_FOR_2000)).isPresent();
  }

  @Test
  void evenTheShortestRunNeedsOneOfEachKind() {
    LinKvSettings shortest = new LinKvSettings(1, 3, 1, Set.of(), Latency.CONSTANT, 0, 1);
    assertThat(new Acknowledged(2, 1, 1).tooLittle(shortest)).isEmpty();
    assertThat(new Acknowledged(2, 2, 0).tooLittle(shortest)).isPresent();
    assertThat(new Acknowledged(2, 0, 2).tooLittle(shortest)).isPresent();
  }
}
