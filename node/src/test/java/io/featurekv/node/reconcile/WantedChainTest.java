package io.featurekv.node.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.Placement;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.control.MetadataScript;
import io.featurekv.node.wire.FileKey;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WantedChainTest {
  private static MetadataScript chainOfThree() {
    MetadataScript script =
        new MetadataScript().node("n0", "a").table("t", 1, 5, new ActivateWhen.Live());
    script.active("t", 0);
    script.increment("t", 0);
    script.increment("t", 0);
    return script;
  }

  private static WantedChain wanted(MetadataScript script, long version) {
    return WantedChain.of(script.metadata(), "n0").stream()
        .filter(chain -> chain.key().version() == version)
        .findFirst()
        .orElseThrow();
  }

  private static List<String> names(List<WantedChain.WantedFile> files) {
    return files.stream().map(file -> file.key().toString()).toList();
  }

  private static FileKey own(long version) {
    return FileKey.own(new ShardFileId("t", version, 0));
  }

  private static boolean mustStay(MetadataScript script, FileKey key) {
    return Referenced.mustStay(script.metadata(), "n0", key);
  }

  @Test
  void bothWaysAreTheSameWhereNothingWasMerged() {
    WantedChain chain = wanted(chainOfThree(), 3);
    assertThat(names(chain.files())).containsExactly("t/3/0", "t/2/0", "t/1/0");
    assertThat(chain.settled()).isEqualTo(chain.files());
    assertThat(chain.onlyShortest()).isEmpty();
    assertThat(chain.onlySettled()).isEmpty();
  }

  @Test
  void mergedFileIsWantedAtOnceAndTheChainStaysUntilItIsComplete() {
    MetadataScript script = chainOfThree();
    script.merged("n0", "t", 2, 0);
    WantedChain chain = wanted(script, 3);
    assertThat(names(chain.files())).containsExactly("t/3/0", "t/2/0 (merged)");
    assertThat(chain.files().getLast().spec().mode()).isEqualTo(UpdateMode.FULL);
    assertThat(names(chain.settled())).containsExactly("t/3/0", "t/2/0", "t/1/0");
    assertThat(names(chain.onlyShortest())).containsExactly("t/2/0 (merged)");
    assertThat(names(chain.onlySettled())).containsExactly("t/2/0", "t/1/0");
    assertThat(names(chain.allFiles()))
        .containsExactly("t/3/0", "t/2/0 (merged)", "t/2/0", "t/1/0");
    script.apply(new Command.CompleteMerge("t", 2, new TreeSet<>(List.of(0))));
    assertThat(names(wanted(script, 3).allFiles())).containsExactly("t/3/0", "t/2/0 (merged)");
  }

  @Test
  void ownFileMayGoOnceTheMergeIsComplete() {
    MetadataScript script = chainOfThree();
    FileKey merged = FileKey.merged(own(2).id());
    assertThat(mustStay(script, own(2))).isTrue();
    assertThat(mustStay(script, merged)).isFalse();
    script.merged("n0", "t", 2, 0);
    assertThat(mustStay(script, own(2))).isTrue();
    assertThat(mustStay(script, merged)).isTrue();
    script.apply(new Command.CompleteMerge("t", 2, new TreeSet<>(List.of(0))));
    assertThat(mustStay(script, own(2))).isFalse();
    assertThat(mustStay(script, own(3))).isTrue();
    script.node("n1", "b");
    assertThat(Referenced.mustStay(script.metadata(), "n1", own(2)))
        .as("on a node of a sect without the merged file")
        .isTrue();
  }

  @Test
  void lastMergedFileOfASectStays() {
    MetadataScript script = chainOfThree();
    FileKey merged = FileKey.merged(own(3).id());
    script.merged("n0", "t", 3, 0);
    script.node("n1", "b");
    script.merged("n1", "t", 3, 0);
    assertThat(mustStay(script, merged)).isTrue();
    script.node("n2", "a");
    script.merged("n2", "t", 3, 0);
    assertThat(mustStay(script, merged)).as("known from long ago only").isTrue();
    script.ready("n2", "t", 3, 0);
    assertThat(mustStay(script, merged)).isFalse();
    script.state("n2", NodeState.DOWN);
    assertThat(mustStay(script, merged)).isTrue();
  }

  private static List<String> whoWants(MetadataScript script, long version) {
    return script.metadata().nodes().keySet().stream()
        .filter(
            node ->
                WantedChain.of(script.metadata(), node).stream()
                    .anyMatch(chain -> chain.key().version() == version))
        .toList();
  }

  @Test
  void oneNodeStandsInForTheOneThatAShardIsPlacedOn() {
    MetadataScript script =
        new MetadataScript()
            .node("n0", "a")
            .node("n1", "a")
            .node("n2", "a")
            .table("t", 1, 1, new ActivateWhen.Live());
    String placed = Placement.nodeFor(script.metadata(), "a", "t", 0).orElseThrow().id();
    List<String> others = Stream.of("n0", "n1", "n2").filter(id -> !id.equals(placed)).toList();
    long version = script.sealed("t", UpdateMode.FULL, others.getFirst(), others.getLast());
    script.loading("t", version);
    assertThat(whoWants(script, version)).containsExactly(placed);
    script.ready(others.getFirst(), "t", version, 0).ready(others.getLast(), "t", version, 0);
    script.apply(new Command.AdvanceVersion("t", version, VersionState.READY));
    assertThat(whoWants(script, version)).containsExactlyInAnyOrder(placed, others.getFirst());
    script.state(others.getFirst(), NodeState.DOWN);
    assertThat(whoWants(script, version)).containsExactlyInAnyOrder(placed, others.getLast());
    // Restarted, and ready with nothing: who holds the file opens it.
    script.node(others.getFirst(), "a").node(others.getLast(), "a");
    assertThat(whoWants(script, version)).containsExactlyInAnyOrder(placed, others.getFirst());
  }
}
