package io.featurekv.metadata;

import java.util.List;

/**
 * How a load is divided among builders. Every builder makes the same plan of the same inputs, and
 * finds by it whether it sees them as they were.
 *
 * @param targetBytes bytes of a split that the plan aimed for
 * @param identities of the inputs, where there are at most {@link #MAX_IDENTITIES}; else empty
 */
public record BuildPlan(
    TaskInputs inputs,
    long targetBytes,
    List<PlannedSplit> splits,
    List<InputIdentity> identities) {
  /** Most splits of one load; inputs of more bytes have larger ones. */
  public static final int MAX_SPLITS = 4_096;

  /** Most inputs of which is told what they were. */
  public static final int MAX_IDENTITIES = 1_000;

  /** Longest description of a split. */
  public static final int MAX_WHAT_CHARS = 120;

  private static final int MAX_TEXTS = 10_000;
  private static final int MAX_TEXT_CHARS = 4_096;

  public BuildPlan {
    splits = List.copyOf(splits);
    identities = List.copyOf(identities);
  }

  /** Refuses with INVALID_ARGUMENT what the metadata must not grow by. */
  void check() {
    if (splits.isEmpty() || splits.size() > MAX_SPLITS) {
      throw Step.invalid(
          "a plan has 1 to " + MAX_SPLITS + " splits, this one has " + splits.size());
    }
    if (identities.size() > MAX_IDENTITIES) {
      throw Step.invalid(
          "a plan tells of at most "
              + MAX_IDENTITIES
              + " inputs, this one of "
              + identities.size());
    }
    for (PlannedSplit split : splits) {
      if (split.what().length() > MAX_WHAT_CHARS || split.bytes() < 0) {
        throw Step.invalid("a split of this plan is not well-formed: " + split);
      }
    }
    int texts =
        inputs.inputs().size()
            + inputs.keyColumns().size()
            + inputs.types().size()
            + inputs.requiredColumns().size();
    boolean isLong =
        inputs.inputs().stream().anyMatch(text -> text.length() > MAX_TEXT_CHARS)
            || identities.stream()
                .anyMatch(
                    each ->
                        each.name().length() > MAX_TEXT_CHARS
                            || each.identity().length() > MAX_TEXT_CHARS);
    if (texts > MAX_TEXTS || isLong) {
      throw Step.invalid(
          "the inputs of this plan are too many or their names too long: at most "
              + MAX_TEXTS
              + " of "
              + MAX_TEXT_CHARS
              + " characters");
    }
  }
}
