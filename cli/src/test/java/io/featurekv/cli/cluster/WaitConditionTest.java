package io.featurekv.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.cli.view.SampleCluster;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.FeatureKvException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class WaitConditionTest {
  private final WaitCondition.Word word = new WaitCondition.Word();

  @Test
  void readsEveryForm() {
    assertThat(word.convert("healthy")).isEqualTo(new WaitCondition.Healthy());
    assertThat(word.convert("nodes=3")).isEqualTo(new WaitCondition.Nodes(3));
    assertThat(word.convert("task=a:b=c")).isEqualTo(new WaitCondition.Task("a:b=c"));
    assertThat(word.convert("version=users:7")).isEqualTo(new WaitCondition.Version("users", 7));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "health", "nodes=x", "nodes", "version=users", "version=users:x"})
  void refusesAnythingElse(String text) {
    assertThatThrownBy(() -> word.convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("version=TABLE:VERSION");
  }

  @Test
  void countsTheNodesThatAreUp() {
    ClusterMetadata metadata = SampleCluster.metadata(NodeState.DOWN, VersionState.ACTIVE);
    assertThat(new WaitCondition.Nodes(1).missing(metadata)).isEmpty();
    assertThat(new WaitCondition.Nodes(2).missing(metadata)).hasValue("1 of 2 nodes are up");
  }

  @Test
  void isNotHealthyWithANodeDown() {
    assertThat(
            new WaitCondition.Healthy()
                .missing(SampleCluster.metadata(NodeState.DOWN, VersionState.ACTIVE)))
        .hasValueSatisfying(reasons -> assertThat(reasons).contains("n2"));
    assertThat(
            new WaitCondition.Healthy()
                .missing(SampleCluster.metadata(NodeState.UP, VersionState.ACTIVE)))
        .isEmpty();
  }

  @Test
  void endsAtOnceWhenAVersionHasFailed() {
    WaitCondition condition = new WaitCondition.Version("users", 7);
    assertThat(condition.missing(SampleCluster.metadata(NodeState.UP, VersionState.LOADING)))
        .hasValue("version 7 of users is LOADING");
    assertThat(condition.missing(SampleCluster.metadata(NodeState.UP, VersionState.RETAINED)))
        .isEmpty();
    assertThatThrownBy(
            () -> condition.missing(SampleCluster.metadata(NodeState.UP, VersionState.FAILED)))
        .isInstanceOf(FeatureKvException.class)
        .hasMessageContaining("version 7 of users is FAILED");
  }
}
