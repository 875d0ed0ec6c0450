package io.featurekv.node.shipping;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ShardFileId;
import io.featurekv.node.control.MetadataScript;
import org.junit.jupiter.api.Test;

class UploadRulesTest {
  /**
   * A node that had started from old metadata took the offer of an attempt that had failed and
   * deleted the only file of the one that was sealed (simulated seed 60205832).
   */
  @Test
  void anotherFileGivesWayOnlyOnceTheNodeHasCaughtUp() {
    ShardFileId id = new ShardFileId("t", 2, 0);
    ClusterMetadata metadata = new MetadataScript().node("n0", "a").metadata();
    long index = metadata.index();
    for (long[] known : new long[][] {{0, 0}, {index + 1, 0}, {index, index + 1}}) {
      assertThatThrownBy(() -> UploadRules.checkReplacing(metadata, known[0], known[1], id))
          .hasMessageContaining("shard 0 of version 2 of t")
          .isInstanceOfSatisfying(
              FeatureKvException.class,
              e ->
                  org.assertj.core.api.Assertions.assertThat(e.code())
                      .isEqualTo(ErrorCode.TRY_AGAIN));
    }
    assertThatCode(() -> UploadRules.checkReplacing(metadata, index, index, id))
        .doesNotThrowAnyException();
  }
}
