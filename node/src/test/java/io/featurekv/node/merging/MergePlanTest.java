package io.featurekv.node.merging;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.control.MetadataScript;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MergePlanTest {
  /** Version 1 is full, 2 to {@code versions} are increments, the last is active; n0 has it all. */
  private static MetadataScript chain(int versions, int shards) {
    int[] all = new int[shards];
    for (int shard = 0; shard < shards; shard++) {
      all[shard] = shard;
    }
    MetadataScript script =
        new MetadataScript().node("n0", "a").table("t", shards, 2, new ActivateWhen.Live());
    script.active("t", all);
    for (int version = 2; version <= versions; version++) {
      script.increment("t", all);
    }
    return script;
  }

  private static List<String> due(MetadataScript script, String node, int maxChainFiles) {
    return MergePlan.due(script.metadata(), node, maxChainFiles).stream()
        .map(merge -> merge.target() + " of " + merge.files().size())
        .toList();
  }

  private static VersionRecord version(ClusterMetadata metadata, long number) {
    return metadata.tables().get("t").versions().get(number);
  }

  @Test
  void chainsOfMoreFilesThanTheThresholdAreDue() {
    MetadataScript script = chain(4, 2);
    assertThat(due(script, "n0", 4)).isEmpty();
    assertThat(due(script, "n0", 3)).containsExactly("t/4/0 (merged) of 4", "t/4/1 (merged) of 4");
    assertThat(due(script, "n0", 0)).isEmpty();
    assertThat(due(script, "n9", 3)).isEmpty();
  }

  @Test
  void registeredMergeIsNotDueAgainAndShortensWhatComesAfterIt() {
    MetadataScript script = chain(5, 2);
    script.merged("n0", "t", 5, 0);
    assertThat(due(script, "n0", 4)).containsExactly("t/5/1 (merged) of 5");
    script.increment("t", 0, 1);
    assertThat(due(script, "n0", 4)).containsExactly("t/6/1 (merged) of 6");
    for (int i = 0; i < 3; i++) {
      script.increment("t", 0, 1);
    }
    assertThat(due(script, "n0", 4)).containsExactly("t/9/1 (merged) of 9", "t/9/0 (merged) of 5");
  }

  @Test
  void activeVersionAndTheNewestReadableOneAreMerged() {
    MetadataScript script = chain(6, 1);
    script.apply(new Command.Rollback("t", 5));
    assertThat(due(script, "n0", 4)).containsExactly("t/6/0 (merged) of 6", "t/5/0 (merged) of 5");
    long next = script.sealed("t", UpdateMode.FULL, "n0");
    script.loading("t", next);
    assertThat(due(script, "n0", 4)).hasSize(2);
    script.ready("n0", "t", next, 0);
    script.apply(new Command.AdvanceVersion("t", next, VersionState.READY));
    assertThat(due(script, "n0", 4)).containsExactly("t/5/0 (merged) of 5");
  }

  @Test
  void exactlyOneNodeThatIsUpAndHasTheChainOpenMerges() {
    MetadataScript script = chain(5, 8);
    script.node("n1", "b").node("n2", "b");
    assertThat(due(script, "n0", 4)).hasSize(8);
    int[] all = {0, 1, 2, 3, 4, 5, 6, 7};
    for (String node : List.of("n1", "n2")) {
      script.merged(node, "t", 5, 7);
      script.apply(
          new Command.ReportMergedDropped(
              node,
              script.metadata().nodes().get(node).session(),
              "t",
              5,
              new TreeSet<>(List.of(7))));
      for (int shard : all) {
        script.merged(node, "t", 5, shard);
      }
      script.ready(node, "t", 5, all);
    }
    ClusterMetadata metadata = script.metadata();
    for (int shard : all) {
      Optional<String> builder = MergePlan.builder(metadata, "t", version(metadata, 5), shard);
      assertThat(builder).isPresent();
      script.state(builder.get(), NodeState.DOWN);
      Optional<String> next =
          MergePlan.builder(script.metadata(), "t", version(script.metadata(), 5), shard);
      assertThat(next).isPresent().isNotEqualTo(builder);
      script.state(builder.get(), NodeState.UP);
    }
  }

  @Test
  void mergeIsObsoleteOnceItsVersionIsGoneOrAnotherNodeWasFirst() {
    MetadataScript script = chain(5, 1);
    DueMerge due = MergePlan.due(script.metadata(), "n0", 4).getFirst();
    assertThat(MergePlan.obsolete(script.metadata(), due, "n0")).isEmpty();
    script.increment("t", 0);
    assertThat(MergePlan.obsolete(script.metadata(), due, "n0")).isEmpty();
    script.merged("n0", "t", 5, 0);
    assertThat(MergePlan.obsolete(script.metadata(), due, "n0")).isEmpty();
    assertThat(MergePlan.obsolete(script.metadata(), due, "n1").orElseThrow()).contains("[n0]");
    // It may go on with what it has begun; a merge that was due before is not begun again.
    assertThat(MergePlan.overtaken(script.metadata(), due).orElseThrow()).contains("[n0]");
    script.active("t", 0);
    script.apply(new Command.DropVersion("t", 6)).apply(new Command.DropVersion("t", 5));
    assertThat(MergePlan.obsolete(script.metadata(), due, "n0").orElseThrow()).contains("kept");
  }

  @Test
  void registrationThatMayHaveTakenEffectIsNeverGivenUp() {
    int last = MergePlan.REGISTER_ATTEMPTS;
    assertThat(MergePlan.isRegisteredAgain(ErrorCode.TRY_AGAIN, last - 1, false)).isTrue();
    assertThat(MergePlan.isRegisteredAgain(ErrorCode.TRY_AGAIN, last, false)).isFalse();
    assertThat(MergePlan.isRegisteredAgain(ErrorCode.TRY_AGAIN, last, true)).isTrue();
    assertThat(MergePlan.isRegisteredAgain(ErrorCode.UNKNOWN_OUTCOME, 100, true)).isTrue();
    assertThat(MergePlan.isRegisteredAgain(ErrorCode.INTERNAL, last, true)).isTrue();
    assertThat(MergePlan.isRegisteredAgain(ErrorCode.INTERNAL, 1, false)).isFalse();
    assertThat(MergePlan.isRegisteredAgain(ErrorCode.CONFLICT, 1, true)).isFalse();
  }
}
