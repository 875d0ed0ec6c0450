package io.featurekv.node.build;

import io.featurekv.loader.InputSpec;
import io.featurekv.loader.SharedPlan;
import io.featurekv.loader.SharedPlan.InputState;
import io.featurekv.loader.SharedPlan.Piece;
import io.featurekv.metadata.BuildPlan;
import io.featurekv.metadata.ClusterBuild;
import io.featurekv.metadata.InputIdentity;
import io.featurekv.metadata.PlannedSplit;
import io.featurekv.metadata.SplitRecord;
import io.featurekv.metadata.TaskInputs;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Plans as the loader makes them and as the metadata keeps them. Pure functions. */
public final class BuildPlans {
  private BuildPlans() {}

  /** What a builder has to read. */
  public static InputSpec inputSpec(TaskInputs inputs) {
    return new InputSpec(
        inputs.inputs(),
        inputs.format(),
        inputs.keyColumns(),
        inputs.keySeparator(),
        inputs.keyEncoding(),
        inputs.valueColumn(),
        inputs.valueEncoding(),
        inputs.types(),
        inputs.deleteColumn(),
        inputs.expiresColumn(),
        inputs.allowIncomplete(),
        inputs.requiredColumns(),
        inputs.valueFormat());
  }

  /** What the metadata keeps of a load's inputs and rules. */
  public static TaskInputs taskInputs(
      InputSpec input,
      boolean lastDuplicateWins,
      double maxRejected,
      boolean maxRejectedIsPercent,
      boolean allowEmpty) {
    return new TaskInputs(
        input.inputs(),
        input.format(),
        input.keyColumns(),
        input.keySeparator(),
        input.keyEncoding(),
        input.valueColumn(),
        input.valueEncoding(),
        new TreeMap<>(input.types()),
        input.deleteColumn(),
        input.expiresColumn(),
        input.allowIncomplete(),
        lastDuplicateWins,
        maxRejected,
        maxRejectedIsPercent,
        allowEmpty,
        input.requiredColumns(),
        input.valueFormat());
  }

  /**
   * A plan for the metadata.
   *
   * @throws FeatureKvException INVALID_ARGUMENT for inputs that other machines cannot read, and for
   *     too many splits
   */
  public static BuildPlan buildPlan(TaskInputs inputs, SharedPlan plan) {
    List<String> unshared = plan.unshared();
    if (!unshared.isEmpty()) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "the builders of the cluster cannot read "
              + String.join(", ", unshared)
              + "; load it without --on-cluster");
    }
    List<PlannedSplit> splits = plan.pieces().stream().map(BuildPlans::planned).toList();
    if (splits.size() > BuildPlan.MAX_SPLITS) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "the inputs come to "
              + splits.size()
              + " splits, at most "
              + BuildPlan.MAX_SPLITS
              + " are possible on the cluster: of inputs whose length is not known each is one");
    }
    List<InputIdentity> identities = new ArrayList<>();
    List<InputState> states = plan.inputStates();
    for (int i = 0; states.size() <= BuildPlan.MAX_IDENTITIES && i < states.size(); i++) {
      identities.add(new InputIdentity(states.get(i).name(), states.get(i).identity()));
    }
    return new BuildPlan(inputs, plan.targetBytes(), splits, identities);
  }

  private static PlannedSplit planned(Piece piece) {
    String what = piece.what();
    int excess = what.length() - BuildPlan.MAX_WHAT_CHARS;
    // The end of a path tells more than its beginning.
    return new PlannedSplit(
        excess > 0 ? "…" + what.substring(excess + 1) : what,
        piece.lengthBytes(),
        piece.identity(),
        piece.continued());
  }

  /** What is other in the inputs as they are seen here, naming one of them; empty when nothing. */
  static Optional<String> difference(ClusterBuild build, SharedPlan here) {
    Map<String, String> states = new HashMap<>();
    here.inputStates().forEach(state -> states.put(state.name(), state.identity()));
    for (InputIdentity expected : build.identities()) {
      String actual = states.remove(expected.name());
      if (actual == null) {
        return Optional.of(expected.name() + " is not there; it was " + expected.identity());
      }
      if (!actual.equals(expected.identity())) {
        return Optional.of(
            expected.name() + " is " + actual + ", it was planned as " + expected.identity());
      }
    }
    if (!build.identities().isEmpty() && !states.isEmpty()) {
      return Optional.of(states.keySet().iterator().next() + " is there, and was not planned");
    }
    return differentSplit(build, here);
  }

  private static Optional<String> differentSplit(ClusterBuild build, SharedPlan here) {
    List<Piece> pieces = here.pieces();
    for (int i = 0; i < build.splits().size(); i++) {
      SplitRecord expected = build.splits().get(i);
      if (i >= pieces.size() || pieces.get(i).identity() != expected.planned().identity()) {
        return Optional.of(
            "split "
                + i
                + " ("
                + expected.planned().what()
                + ") is not the same: "
                + (i >= pieces.size() ? "the inputs end before it" : pieces.get(i).what()));
      }
    }
    return pieces.size() == build.splits().size()
        ? Optional.empty()
        : Optional.of(
            "the inputs come to "
                + pieces.size()
                + " splits, "
                + build.splits().size()
                + " were planned");
  }
}
