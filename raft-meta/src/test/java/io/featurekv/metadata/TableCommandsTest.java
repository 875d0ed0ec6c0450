package io.featurekv.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowSchema;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TableCommandsTest {
  private static TableOptions options(int shards) {
    return new TableOptions(shards, 3, 0, 1 << 20, new ActivateWhen.Live());
  }

  private static Gates looking(
      @Nullable Share minOverlap, List<String> columns, List<GoldenKey> goldenKeys) {
    return new Gates(null, null, null, null, minOverlap, columns, goldenKeys);
  }

  private static GoldenKey absent(int keyBytes) {
    return new GoldenKey(new byte[keyBytes], new GoldenKey.Absent());
  }

  private static GoldenKey ofValue(int valueBytes) {
    return new GoldenKey(new byte[3], new GoldenKey.Value(new byte[valueBytes]));
  }

  @Test
  void aTablesIdIsTheIndexOfItsCreation() {
    MetadataScript script = MetadataScript.formed();
    CommandResult result = script.done(new Command.CreateTable("t", TableKind.BLK, options(8)));
    assertThat(script.table().id()).isEqualTo(result.index());
    assertThat(script.table().nextVersion()).isEqualTo(1);
    assertThat(script.table().active()).isNull();
    script.refused(ErrorCode.CONFLICT, new Command.CreateTable("t", TableKind.BLK, options(8)));
  }

  @Test
  void refusesOptionsOutsideTheLimits() {
    MetadataScript script = MetadataScript.formed();
    for (TableOptions wrong :
        new TableOptions[] {
          options(0),
          options(4097),
          new TableOptions(1, 0, 0, 1, new ActivateWhen.Live()),
          new TableOptions(1, 1, -1, 1, new ActivateWhen.Live()),
          new TableOptions(1, 1, 0, 0, new ActivateWhen.Live()),
          new TableOptions(1, 1, 0, (64 << 20) + 1, new ActivateWhen.Live()),
          new TableOptions(1, 1, 0, 1, new ActivateWhen.Sects(0)),
          new TableOptions(1, 1, 0, 1, new ActivateWhen.Live(), -1, 0, Gates.OFF),
          new TableOptions(1, 1, 0, 1, new ActivateWhen.Live(), 1025, 0, Gates.OFF),
          new TableOptions(1, 1, 0, 1, new ActivateWhen.Live(), 8, -1, Gates.OFF),
          options(1).withGates(new Gates(new Share(-1), null, null, null)),
          options(1).withGates(new Gates(new Share(1_000_001), null, null, null)),
          options(1).withGates(new Gates(null, new Share(1_000_000_001), null, null)),
          options(1).withGates(new Gates(null, null, null, new Share(1_000_001))),
          options(1).withGates(looking(new Share(1_000_001), List.of(), List.of())),
          options(1).withGates(looking(null, List.of(""), List.of())),
          options(1).withGates(looking(null, List.of(), List.of(absent(0)))),
          options(1).withGates(looking(null, List.of(), List.of(absent(501)))),
          options(1).withGates(looking(null, List.of(), List.of(absent(3), absent(3)))),
          options(1).withGates(looking(null, List.of(), Collections.nCopies(65, absent(3)))),
          options(1).withGates(looking(null, List.of(), List.of(ofValue(1_025)))),
        }) {
      script.refused(
          ErrorCode.INVALID_ARGUMENT, new Command.CreateTable("t", TableKind.MEM, wrong));
    }
    script.refused(
        ErrorCode.INVALID_ARGUMENT, new Command.CreateTable("a/b", TableKind.MEM, options(1)));
  }

  @Test
  void takesEntriesOfABlockForBlkOnly() {
    MetadataScript script = MetadataScript.formed();
    TableOptions longBlocks =
        new TableOptions(1, 1, 0, 1, new ActivateWhen.Live(), 64, 0, Gates.OFF);
    script.done(new Command.CreateTable("b", TableKind.BLK, longBlocks));
    assertThat(script.state().tables().get("b").options().blockEntries()).isEqualTo(64);
    for (TableKind kind : new TableKind[] {TableKind.MEM, TableKind.IDX}) {
      script.refused(
          ErrorCode.INVALID_ARGUMENT, new Command.CreateTable(kind.word(), kind, longBlocks));
      script.done(new Command.CreateTable(kind.word(), kind, options(1)));
      script.refused(ErrorCode.INVALID_ARGUMENT, new Command.AlterTable(kind.word(), longBlocks));
    }
  }

  @Test
  void anAlteredShardCountCountsFromTheNextFullVersion() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("one", UpdateMode.FULL);
    script.done(new Command.AlterTable("t", options(5)));
    assertThat(script.version(1).shardCount()).isEqualTo(2);
    assertThat(script.done(MetadataScript.begin("two", UpdateMode.INCREMENTAL)).version())
        .isEqualTo(2);
    assertThat(script.version(2).shardCount()).isEqualTo(2);
    script.done(MetadataScript.begin("three", UpdateMode.FULL));
    assertThat(script.version(3).shardCount()).isEqualTo(5);
    script.refused(ErrorCode.NOT_FOUND, new Command.AlterTable("u", options(5)));
  }

  @Test
  void columnsOnlyEverGrow() {
    MetadataScript script = MetadataScript.formed();
    script.done(
        new Command.CreateTable(
            "t", TableKind.MEM, options(2), RowColumn.parseAll("id:int64,score:float=0")));
    RowSchema first = script.table().schema();
    script.done(new Command.AlterTable("t", options(5)));
    assertThat(script.table().schema()).isEqualTo(first);
    script.done(
        new Command.AlterTable(
            "t", options(5), RowColumn.parseAll("id:int64,score:double=0,city:string?")));
    assertThat(script.table().schema().version()).isEqualTo(2);
    assertThat(script.table().schema()).hasToString("id:int64,score:double=0,city:string?");
    String refusal =
        script.refused(
            ErrorCode.CONFLICT,
            new Command.AlterTable(
                "t", options(5), RowColumn.parseAll("id:int64,score:float=0,city:string?")));
    assertThat(refusal).contains("'score' of table 't' would change from double to float");
    script.refused(
        ErrorCode.INVALID_ARGUMENT,
        new Command.CreateTable(
            "u", TableKind.MEM, options(2), RowColumn.parseAll("a:int64,a:bool")));
  }

  @Test
  void tableWhoseValuesAreNoRowsGetsNoColumns() {
    MetadataScript script = MetadataScript.withTable();
    Command columns = new Command.AlterTable("t", options(2), RowColumn.parseAll("a:int64"));
    script.done(MetadataScript.begin("one", UpdateMode.FULL));
    assertThat(script.refused(ErrorCode.CONFLICT, columns)).contains("in version 1");
    script.done(new Command.FailTask("one", 1, "why", false));
    script.done(columns);
    assertThat(script.table().schema()).hasToString("a:int64");
  }

  @Test
  void versionNumbersAreNotUsedAgainAfterADrop() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("one", UpdateMode.FULL);
    script.done(MetadataScript.begin("two", UpdateMode.FULL));
    script.done(new Command.DropTable("t"));
    assertThat(script.state().tables()).isEmpty();
    assertThat(script.state().tasks()).isEmpty();
    assertThat(script.state().droppedTables()).containsEntry("t", 3L);
    script.done(new Command.CreateTable("t", TableKind.MEM, options(2)));
    assertThat(script.state().droppedTables()).isEmpty();
    assertThat(script.done(MetadataScript.begin("one", UpdateMode.FULL)).version()).isEqualTo(3);
    script.refused(ErrorCode.NOT_FOUND, new Command.DropTable("u"));
  }
}
