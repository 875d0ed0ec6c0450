package io.featurekv.node.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.Digest;
import io.featurekv.model.ShardFileId;
import io.featurekv.node.wire.FileKey;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class OtherCopiesTest {
  private long nowNanos = 1;
  private final List<String> asked = new ArrayList<>();
  private final List<Consumer<Boolean>> answers = new ArrayList<>();
  private final OtherCopies others =
      new OtherCopies(
          (copy, answer) -> {
            asked.add(copy.nodeId());
            answers.add(answer);
          },
          () -> nowNanos);

  private static FileKey file(int shard) {
    return FileKey.own(new ShardFileId("t", 1, shard));
  }

  private static OtherCopies.Copy on(String nodeId) {
    return new OtherCopies.Copy(nodeId, file(0), Digest.of(new byte[Digest.BYTES]));
  }

  private void pass(long millis) {
    nowNanos += millis * 1_000_000;
  }

  @Test
  void oneCopyAfterAnotherIsAskedForUntilOneIsThere() {
    List<OtherCopies.Copy> copies = List.of(on("n1"), on("n2"));
    others.ask(file(0), copies);
    answers.getLast().accept(false);
    others.ask(file(0), copies);
    assertThat(asked).containsExactly("n1");
    pass(2_000);
    others.ask(file(0), copies);
    assertThat(asked).containsExactly("n1", "n2");
    assertThat(others.isVouchedFor(file(0), copies)).isFalse();
    answers.getLast().accept(true);
    assertThat(others.isVouchedFor(file(0), copies)).isTrue();
    assertThat(others.isVouchedFor(file(0), List.of(on("n1")))).as("n2 is not taken").isFalse();
    assertThat(others.isVouchedFor(file(1), copies)).isFalse();
    pass(4_000);
    assertThat(others.isVouchedFor(file(0), copies)).isFalse();
    others.ask(file(0), copies);
    assertThat(asked).containsExactly("n1", "n2", "n2");
  }

  @Test
  void anAnswerToAnEarlierQuestionIsPassedOver() {
    others.ask(file(0), List.of(on("n1")));
    pass(2_000);
    others.ask(file(0), List.of(on("n1")));
    answers.getFirst().accept(true);
    assertThat(others.isVouchedFor(file(0), List.of(on("n1")))).isFalse();
  }

  @Test
  void whatIsNeverAnsweredKeepsNoPlaceFromOthers() {
    int files = 2 * OtherCopies.MAX_UNDER_WAY;
    assertThat(askFor(files)).contains("n0").doesNotContain("n" + (files - 1));
    assertThat(askFor(files)).as("while these are under way").isEmpty();
    pass(2_000);
    assertThat(askFor(files))
        .contains("n0")
        .as("half of the places are for those that were not asked for")
        .contains("n" + OtherCopies.MAX_UNDER_WAY);
  }

  /** A round over many files; returns who was asked. */
  private List<String> askFor(int files) {
    List<FileKey> all = new ArrayList<>();
    asked.clear();
    others.beginRound();
    for (int shard = 0; shard < files; shard++) {
      all.add(file(shard));
      others.ask(file(shard), List.of(on("n" + shard)));
    }
    others.retain(all);
    return List.copyOf(asked);
  }
}
