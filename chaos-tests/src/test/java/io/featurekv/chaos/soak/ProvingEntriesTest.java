package io.featurekv.chaos.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.OperationIds;
import io.featurekv.metadata.TableOptions;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvingEntriesTest {
  private static final ProvingEntries ENTRIES = new ProvingEntries("t", 500, 20);

  @TempDir Path directory;

  private static ClusterMetadata after(ClusterMetadata state, Command command) {
    String id = OperationIds.next(1_000_000 + state.index(), new Random(state.index()));
    ClusterMetadata.Applied applied =
        state.apply(new CommandEnvelope(id, 1_000_000 + state.index(), command), state.index() + 1);
    assertThat(applied.result().error()).as(applied.result().message()).isNull();
    return applied.metadata();
  }

  private static KnownVersions oneVersion(String taskId) {
    ClusterMetadata state = ClusterMetadata.empty();
    state = after(state, new Command.FormCluster("0000-1", 1));
    state =
        after(
            state,
            new Command.CreateTable(
                "t", TableKind.MEM, new TableOptions(1, 2, 0, 1 << 20, new ActivateWhen.Live())));
    state =
        after(state, new Command.BeginTask(taskId, "t", UpdateMode.FULL, "words", "digest", true));
    KnownVersions versions = new KnownVersions();
    versions.add(state);
    return versions;
  }

  @Test
  void valuesOfOtherLoadsKeysAndTablesDiffer() {
    byte[] value = ENTRIES.value("t-load-1", 7);
    assertThat(ENTRIES.value("t-load-2", 7)).isNotEqualTo(value);
    assertThat(ENTRIES.value("t-load-1", 8)).isNotEqualTo(value);
    assertThat(new ProvingEntries("u", 500, 20).value("t-load-1", 7)).isNotEqualTo(value);
  }

  @Test
  void fullVersionHasEveryKeyFromItsLoadAndNoOther() {
    KnownVersions versions = oneVersion("t-load-1");
    assertThat(ENTRIES.stampOf(versions, 1, 0)).hasValue("t-load-1");
    assertThat(ENTRIES.stampOf(versions, 1, 499)).hasValue("t-load-1");
    assertThat(ENTRIES.stampOf(versions, 1, 500)).isEmpty();
  }

  @Test
  void versionThatNobodyToldOfIsNotGuessed() {
    assertThatThrownBy(() -> ENTRIES.stampOf(oneVersion("t-load-1"), 2, 3))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("version 2 of t");
  }

  @Test
  void incrementWritesAndDeletesAFewAndLeavesMost() throws Exception {
    Path file = directory.resolve("increment.tsv");
    ENTRIES.write(file, "t-load-2", UpdateMode.INCREMENTAL);
    List<String> rows = Files.readAllLines(file);
    long deleted = rows.stream().filter(row -> row.endsWith("\ttrue")).count();
    long written = rows.stream().filter(row -> row.endsWith("\tfalse")).count();
    assertThat(deleted).isBetween(20L, 90L);
    assertThat(written).isBetween(20L, 90L);
    assertThat(rows).hasSize((int) (1 + deleted + written));
  }
}
