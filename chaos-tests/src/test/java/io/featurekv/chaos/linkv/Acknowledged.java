package io.featurekv.chaos.linkv;

import io.featurekv.chaos.linkv.Operation.Call;
import io.featurekv.chaos.linkv.Operation.Effect;
import java.util.List;
import java.util.Optional;

/**
 * How much of what clients asked for was answered. A history of reads alone, or of writes that all
 * stayed open, is linearizable whatever a cluster does.
 *
 * @param operations with a known effect
 * @param writes of these, those that were made
 * @param swaps compare-and-sets that were made
 */
record Acknowledged(long operations, long writes, long swaps) {
  /** Of the operations that clients should do at their rate, so many must be done. */
  private static final double LEAST_OPERATIONS = 0.05;

  /** Two of five operations are writes. */
  private static final double LEAST_WRITES = 0.01;

  /** One of five is a compare-and-set, and few of those meet the value that they ask for. */
  private static final double LEAST_SWAPS = 0.001;

  static Acknowledged in(List<Operation> operations) {
    return new Acknowledged(
        operations.stream().filter(operation -> !operation.isOpen()).count(),
        made(operations, Call.Write.class),
        made(operations, Call.Cas.class));
  }

  private static long made(List<Operation> operations, Class<? extends Call> call) {
    return operations.stream()
        .filter(operation -> call.isInstance(operation.call()))
        .filter(operation -> operation.effect() instanceof Effect.Done)
        .count();
  }

  /** Why a run says nothing; empty where enough was done. There is one of each kind at least. */
  Optional<String> tooLittle(LinKvSettings settings) {
    long asked = (long) settings.rate() * settings.seconds();
    Acknowledged least =
        new Acknowledged(
            least(asked, LEAST_OPERATIONS), least(asked, LEAST_WRITES), least(asked, LEAST_SWAPS));
    boolean isEnough =
        operations >= least.operations && writes >= least.writes && swaps >= least.swaps;
    return isEnough ? Optional.empty() : Optional.of("done were " + this + ", at least " + least);
  }

  /** Whether less than a tenth of what is enough in the end was done so far. */
  boolean isHardlyAny(LinKvSettings settings) {
    long asked = (long) settings.rate() * settings.seconds();
    return operations < least(asked, LEAST_OPERATIONS / 10)
        || writes < least(asked, LEAST_WRITES / 10);
  }

  private static long least(long asked, double share) {
    return Math.max(1, (long) (asked * share));
  }

  @Override
  public String toString() {
    return operations + " operations, " + writes + " writes, " + swaps + " compare-and-sets";
  }
}
