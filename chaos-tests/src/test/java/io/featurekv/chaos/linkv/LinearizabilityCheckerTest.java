package io.featurekv.chaos.linkv;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.chaos.linkv.LinearizabilityChecker.Limits;
import io.featurekv.chaos.linkv.LinearizabilityChecker.Verdict;
import io.featurekv.chaos.linkv.Operation.Call;
import io.featurekv.chaos.linkv.Operation.Effect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LinearizabilityCheckerTest {
  private static final Limits LIMITS = new Limits(1_000_000, Duration.ofMinutes(1));
  private static final long MISSING = Operation.MISSING;
  private static final long NEVER = Operation.NEVER;

  private static Operation operation(long key, Call call, Effect effect, long from, long to) {
    return new Operation("c", "n", key, call, effect, from, to);
  }

  private static Operation wrote(long value, long from, long to) {
    return operation(1, new Call.Write(value), new Effect.Done(), from, to);
  }

  private static Operation mayHaveWritten(long value, long from) {
    return operation(1, new Call.Write(value), new Effect.Open(), from, NEVER);
  }

  private static Operation saw(long value, long from, long to) {
    return operation(1, new Call.Read(), new Effect.Saw(value), from, to);
  }

  private static Operation cas(long from, long to, Effect effect, long began, long ended) {
    return operation(1, new Call.Cas(from, to), effect, began, ended);
  }

  private static boolean isLinearizable(Operation... history) {
    Verdict verdict = LinearizabilityChecker.check(List.of(history), LIMITS);
    assertThat(verdict).isNotInstanceOf(Verdict.GaveUp.class);
    return verdict instanceof Verdict.Linearizable;
  }

  @Test
  void acceptsWhatHappenedOneAfterTheOther() {
    assertThat(
            isLinearizable(
                saw(MISSING, 0, 1),
                cas(1, 2, new Effect.Absent(), 2, 3),
                wrote(1, 4, 5),
                saw(1, 6, 7),
                cas(2, 3, new Effect.Mismatch(), 8, 9),
                cas(1, 2, new Effect.Done(), 10, 11),
                saw(2, 12, 13)))
        .isTrue();
    assertThat(isLinearizable()).isTrue();
  }

  @Test
  void acceptsEitherOrderOfWhatWasAtTheSameTime() {
    assertThat(isLinearizable(wrote(1, 0, 10), wrote(2, 0, 10), saw(1, 11, 12))).isTrue();
    assertThat(isLinearizable(wrote(1, 0, 10), wrote(2, 0, 10), saw(2, 11, 12))).isTrue();
    assertThat(isLinearizable(wrote(1, 0, 10), saw(MISSING, 5, 6), saw(1, 7, 8))).isTrue();
  }

  @Test
  void flagsAStaleRead() {
    assertThat(isLinearizable(wrote(1, 0, 1), wrote(2, 2, 3), saw(1, 4, 5))).isFalse();
    assertThat(
            isLinearizable(
                wrote(1, 0, 1), wrote(2, 2, 10), saw(2, 3, 4), saw(1, 5, 6), saw(2, 11, 12)))
        .isFalse();
  }

  @Test
  void flagsAMissingValueOnceAWriteWasAcknowledged() {
    assertThat(isLinearizable(wrote(1, 0, 1), saw(MISSING, 2, 3))).isFalse();
    assertThat(isLinearizable(wrote(1, 0, 1), cas(1, 2, new Effect.Absent(), 2, 3))).isFalse();
    assertThat(isLinearizable(wrote(1, 0, 3), saw(MISSING, 2, 4))).isTrue();
  }

  @Test
  void anOpenWriteMayHappenLateOrNeverButNotTwice() {
    assertThat(isLinearizable(mayHaveWritten(1, 0), saw(MISSING, 1, 2), saw(1, 3, 4))).isTrue();
    assertThat(isLinearizable(mayHaveWritten(1, 0), wrote(2, 1, 2), saw(2, 3, 4))).isTrue();
    assertThat(isLinearizable(mayHaveWritten(1, 0), wrote(2, 1, 2), saw(1, 3, 4))).isTrue();
    assertThat(
            isLinearizable(
                mayHaveWritten(1, 0), saw(1, 1, 2), wrote(2, 3, 4), saw(2, 5, 6), saw(1, 7, 8)))
        .isFalse();
    assertThat(isLinearizable(saw(1, 0, 1), mayHaveWritten(1, 2))).isFalse();
  }

  @Test
  void anOpenCompareAndSetMayHaveDoneNothing() {
    Operation open = cas(1, 2, new Effect.Open(), 2, NEVER);
    assertThat(isLinearizable(wrote(1, 0, 1), open, saw(1, 3, 4), saw(2, 5, 6))).isTrue();
    assertThat(isLinearizable(wrote(3, 0, 1), open, saw(3, 3, 4))).isTrue();
    assertThat(isLinearizable(wrote(3, 0, 1), open, saw(2, 3, 4))).isFalse();
  }

  @Test
  void flagsACompareAndSetThatCannotHaveBeen() {
    assertThat(isLinearizable(wrote(1, 0, 1), cas(2, 3, new Effect.Done(), 2, 3))).isFalse();
    assertThat(isLinearizable(wrote(1, 0, 1), cas(1, 3, new Effect.Mismatch(), 2, 3))).isFalse();
    assertThat(isLinearizable(cas(1, 3, new Effect.Mismatch(), 2, 3))).isFalse();
  }

  @Test
  void eachRegisterIsJudgedByItself() {
    Operation other = operation(2, new Call.Write(7), new Effect.Done(), 0, 1);
    assertThat(isLinearizable(other, saw(MISSING, 2, 3))).isTrue();
    Verdict verdict =
        LinearizabilityChecker.check(
            List.of(other, operation(2, new Call.Read(), new Effect.Saw(8), 2, 3)), LIMITS);
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Violation.class,
            violation -> {
              assertThat(violation.key()).isEqualTo(2);
              assertThat(violation.operations()).hasSize(2);
              assertThat(violation.stuck()).hasSize(1);
            });
  }

  @Test
  void givesUpInsteadOfGuessing() {
    List<Operation> hopeless = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      hopeless.add(mayHaveWritten(i, 0));
    }
    hopeless.add(saw(100, 1, 2));
    assertThat(LinearizabilityChecker.check(hopeless, new Limits(10_000, Duration.ofMinutes(1))))
        .isInstanceOf(Verdict.GaveUp.class);
    assertThat(LinearizabilityChecker.check(hopeless, new Limits(Long.MAX_VALUE, Duration.ZERO)))
        .isInstanceOf(Verdict.GaveUp.class);
  }

  /** Against trying every order of every subset of the open ones. */
  @Test
  void agreesWithTryingEveryOrder() {
    long seed = 20_261_128;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    int linearizable = 0;
    int histories = 20_000;
    for (int i = 0; i < histories; i++) {
      List<Operation> history = randomHistory(random);
      boolean expected = bruteForce(history, 0, MISSING);
      Verdict verdict = LinearizabilityChecker.check(history, LIMITS);
      assertThat(verdict instanceof Verdict.Linearizable).as("%s", history).isEqualTo(expected);
      linearizable += expected ? 1 : 0;
    }
    assertThat(linearizable).isBetween(histories / 10, histories * 9 / 10);
  }

  private static List<Operation> randomHistory(Random random) {
    int size = 1 + random.nextInt(6);
    return IntStream.range(0, size).mapToObj(i -> randomOperation(random)).toList();
  }

  private static Operation randomOperation(Random random) {
    long began = random.nextInt(8);
    long ended = began + random.nextInt(6);
    long value = random.nextInt(3);
    return switch (random.nextInt(6)) {
      case 0, 1 -> wrote(value, began, ended);
      case 2 -> mayHaveWritten(value, began);
      case 3 -> saw(random.nextInt(4) == 0 ? MISSING : value, began, ended);
      case 4 -> saw(value, began, ended);
      default -> {
        Effect effect =
            List.of(
                    new Effect.Done(),
                    new Effect.Mismatch(),
                    new Effect.Absent(),
                    new Effect.Open())
                .get(random.nextInt(4));
        long end = effect instanceof Effect.Open ? NEVER : ended;
        yield cas(value, random.nextInt(3), effect, began, end);
      }
    };
  }

  private static boolean bruteForce(List<Operation> history, int done, long value) {
    boolean complete =
        IntStream.range(0, history.size())
            .allMatch(i -> (done & (1 << i)) != 0 || history.get(i).isOpen());
    if (complete) {
      return true;
    }
    long firstEnd =
        IntStream.range(0, history.size())
            .filter(i -> (done & (1 << i)) == 0)
            .mapToLong(i -> history.get(i).endedNanos())
            .min()
            .orElseThrow();
    for (int i = 0; i < history.size(); i++) {
      Operation next = history.get(i);
      if ((done & (1 << i)) != 0 || next.beganNanos() > firstEnd) {
        continue;
      }
      long after = RegisterModel.step(value, next);
      if (after != RegisterModel.IMPOSSIBLE && bruteForce(history, done | (1 << i), after)) {
        return true;
      }
    }
    return false;
  }
}
