package io.featurekv.loader;

import io.featurekv.loader.BuildResult.RejectedRow;
import io.featurekv.loader.InputReading.Attempt;
import io.featurekv.loader.InputReading.Complete;
import io.featurekv.loader.SplitOutcome.PartOutcome;
import io.featurekv.loader.source.Part;
import java.util.ArrayList;
import java.util.List;

/** Where rows stand in their inputs: what parts span adds up. Immutable. */
final class RowNumbers {
  private final List<Place> places;

  /** The input of a part, and how many lines or rows of it come before; -1 where unknown. */
  private record Place(String input, long before, Part part) {}

  private RowNumbers(List<Place> places) {
    this.places = places;
  }

  static RowNumbers of(BuildInputs inputs, List<Split> splits, List<Attempt> read) {
    List<Place> places = new ArrayList<>();
    int input = -1;
    long before = 0;
    for (Split split : splits) {
      Attempt attempt = split.number() < read.size() ? read.get(split.number()) : null;
      List<PartOutcome> known =
          attempt instanceof Complete complete ? complete.outcome().parts() : List.of();
      for (int i = 0; i < split.parts().size(); i++) {
        Part part = split.parts().get(i);
        if (part.input() != input) {
          input = part.input();
          before = 0;
        }
        places.add(new Place(inputs.name(input), before, part));
        before = before < 0 || i >= known.size() ? -1 : before + known.get(i).spanned();
      }
    }
    return new RowNumbers(places);
  }

  /** A rejected row as a person finds it. */
  RejectedRow place(Rejection rejection) {
    Place place = places.get(rejection.part());
    return place.before() < 0
        ? new RejectedRow(
            place.input() + " from " + place.part().from(), rejection.row(), rejection.reason())
        : new RejectedRow(place.input(), place.before() + rejection.row(), rejection.reason());
  }
}
