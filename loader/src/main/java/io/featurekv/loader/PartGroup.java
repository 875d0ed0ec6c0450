package io.featurekv.loader;

import io.featurekv.loader.SplitOutcome.PartOutcome;
import java.util.ArrayList;
import java.util.List;

/**
 * What one split found of one of its inputs.
 *
 * @param isWhole whether no other split has parts of that input
 * @param spanned lines or rows
 * @param hasColumns whether some row had all columns that are needed
 * @param lacking what is to be said where no row had, else empty
 */
public record PartGroup(
    int input, boolean isWhole, long spanned, boolean hasColumns, String lacking) {

  /** Those of a split, in order. */
  static List<PartGroup> of(SharedPlan plan, SplitOutcome outcome) {
    Split split = plan.splits().get(outcome.split());
    List<PartGroup> groups = new ArrayList<>();
    for (int i = 0; i < split.parts().size(); i++) {
      int input = split.parts().get(i).input();
      PartOutcome part = outcome.parts().get(i);
      PartGroup open = groups.isEmpty() ? null : groups.getLast();
      if (open != null && open.input == input) {
        groups.removeLast();
      } else {
        open = new PartGroup(input, true, 0, false, "");
      }
      groups.add(
          new PartGroup(
              input,
              true,
              open.spanned + part.spanned(),
              open.hasColumns || part.hasColumns(),
              open.lacking.isEmpty() ? part.lacking() : open.lacking));
    }
    int last = groups.size() - 1;
    for (int i = 0; i <= last; i++) {
      boolean isShared =
          (i == 0 && plan.isContinued(outcome.split()))
              || (i == last && plan.goesOn(outcome.split()));
      if (isShared) {
        PartGroup group = groups.get(i);
        groups.set(
            i, new PartGroup(group.input, false, group.spanned, group.hasColumns, group.lacking));
      }
    }
    return groups;
  }
}
