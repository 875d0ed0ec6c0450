package io.featurekv.node.shipping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.OperationIds;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.control.MetadataScript;
import java.util.Set;
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
              FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN));
    }
    assertThatCode(() -> UploadRules.checkReplacing(metadata, index, index, id))
        .doesNotThrowAnyException();
  }

  /** A node that lags must not end the load that is ahead of it. */
  @Test
  void aNodeThatDoesNotKnowTheAttemptYetIsTriedAgain() {
    MetadataScript script = new MetadataScript().node("n0", "a");
    script.table("t", 1, 1, new ActivateWhen.Live());
    Command.BeginTask begin =
        new Command.BeginTask(
            OperationIds.next(1), "t", UpdateMode.FULL, "x", "00", true, Set.of(), null);
    CommandResult begun = script.tryApply(begin).orThrow();
    ShardFileId id = new ShardFileId("t", begun.version(), 0);
    assertThatCode(() -> UploadRules.check(script.metadata(), id, 1)).doesNotThrowAnyException();
    assertThat(refusal(script.metadata(), id, 2)).isEqualTo(ErrorCode.TRY_AGAIN);
    script.apply(new Command.FailTask(begin.taskId(), 1, "for a test", false));
    assertThat(refusal(script.metadata(), id, 1)).isEqualTo(ErrorCode.CONFLICT);
    assertThat(refusal(script.metadata(), id, 2)).isEqualTo(ErrorCode.TRY_AGAIN);
    script.apply(begin);
    assertThat(refusal(script.metadata(), id, 1)).isEqualTo(ErrorCode.CONFLICT);
    assertThatCode(() -> UploadRules.check(script.metadata(), id, 2)).doesNotThrowAnyException();
  }

  private static ErrorCode refusal(ClusterMetadata metadata, ShardFileId id, int attempt) {
    try {
      UploadRules.check(metadata, id, attempt);
    } catch (FeatureKvException e) {
      return e.code();
    }
    throw new AssertionError("attempt " + attempt + " is taken");
  }
}
