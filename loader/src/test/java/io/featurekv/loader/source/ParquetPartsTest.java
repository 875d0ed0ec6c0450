package io.featurekv.loader.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.schema.SchemaNode;
import io.featurekv.loader.row.Columns;
import io.featurekv.loader.row.Row;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parquet by columns and by row groups gives the rows that reading row by row gives. */
class ParquetPartsTest {
  private static final int ROWS = 250;
  private static final int ROWS_PER_GROUP = 50;

  @TempDir Path home;
  private Path path;

  @BeforeEach
  void copyFile() throws IOException {
    copyFile("diff_numbers_multi.parquet");
  }

  private void copyFile(String name) throws IOException {
    path = home.resolve("a.parquet");
    try (InputStream in = ParquetPartsTest.class.getResourceAsStream("/parquet/" + name)) {
      Files.write(path, in.readAllBytes());
    }
  }

  private ParquetInput input(String... columns) throws IOException {
    return new ParquetInput(new LocalFile(path), Reading.only(columns));
  }

  private List<String> rowByRow() throws IOException {
    List<String> all = new ArrayList<>();
    try (ParquetFileReader file = ParquetFileReader.open(InputFile.of(path));
        RowReader rows = file.rowReader()) {
      List<SchemaNode> fields = file.getFileSchema().getRootNode().children();
      Row row = new Row();
      row.begin(Columns.of(fields.stream().map(SchemaNode::name).toList()), 0);
      while (rows.hasNext()) {
        rows.next();
        for (int i = 0; i < fields.size(); i++) {
          ParquetCells.of(fields.get(i)).read(rows, i, row, i);
        }
        all.add((all.size() + 1) + " " + RowTexts.of(row));
      }
    }
    return all;
  }

  @Test
  void givesTheSameRowsByColumnsAndByRowGroups() throws IOException {
    List<String> expected = rowByRow();
    assertThat(expected).hasSize(ROWS);
    assertThat(expected).anyMatch(row -> row.contains("note=NULL"));
    ParquetInput input = input();
    assertThat(PartReading.rows(input, Long.MAX_VALUE)).isEqualTo(expected);
    assertThat(input.parts(0, Long.MAX_VALUE)).hasSize(1);
    assertThat(input.parts(0, 1)).hasSize(ROWS / ROWS_PER_GROUP);
    assertThat(PartReading.rows(input, 1)).isEqualTo(expected);
    List<Part> some = input.parts(0, 5000);
    assertThat(some.size()).isBetween(2, 4);
    assertThat(PartReading.rows(input, some)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "times_and_decimals.parquet",
        "int96_from_spark.parquet",
        "int64_decimal.parquet",
        "alltypes_plain.parquet"
      })
  void givesTheSameTextOfTimesAndDecimalsByColumns(String name) throws IOException {
    copyFile(name);
    assertThat(rowByRow()).isNotEmpty();
    assertThat(PartReading.rows(input(), Long.MAX_VALUE)).isEqualTo(rowByRow());
    try (ParquetFile file = ParquetFile.open(new LocalFile(path));
        ParquetRows rows = file.read(0, file.groupCount(), Reading.PLAIN, new Row())) {
      assertThat(rows).as("makes no objects").isInstanceOf(ParquetBatches.class);
    }
  }

  @Test
  void readsOneRowGroupByItself() throws IOException {
    List<String> expected = new ArrayList<>();
    for (String row : rowByRow().subList(3 * ROWS_PER_GROUP, 4 * ROWS_PER_GROUP)) {
      int space = row.indexOf(' ');
      int number = Integer.parseInt(row.substring(0, space)) - 3 * ROWS_PER_GROUP;
      expected.add(number + row.substring(space));
    }
    List<String> rows = new ArrayList<>();
    try (RowSource source = input().open(new Part(0, 3, 4, 100))) {
      while (source.next()) {
        rows.add(source.row().number() + " " + RowTexts.of(source.row()));
      }
      assertThat(source.startedAt()).isEqualTo(3);
      assertThat(source.endedAt()).isEqualTo(4);
      assertThat(source.spanned()).isEqualTo(ROWS_PER_GROUP);
      assertThat(source.bytesRead()).isEqualTo(100);
    }
    assertThat(rows).isEqualTo(expected);
  }

  @Test
  void readsOnlyTheColumnsThatAreNeeded() throws IOException {
    List<String> rows = PartReading.rows(input("note", "id", "no such"), Long.MAX_VALUE);
    List<String> all = rowByRow();
    assertThat(rows).hasSize(ROWS);
    for (int i = 0; i < ROWS; i++) {
      String whole = all.get(i);
      assertThat(rows.get(i))
          .startsWith((i + 1) + " [__row__=NULL, id=WHOLE ")
          .contains("score=NULL, category=NULL, note=")
          .endsWith(whole.substring(whole.indexOf("note=")));
    }
  }

  @Test
  void doesNotTakeAnInterruptionForTheEnd() throws IOException {
    try (RowSource source = input().open(Part.whole(0, 100))) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(
              () -> {
                while (source.next()) {
                  Thread.currentThread().interrupt();
                }
              })
          .isInstanceOfSatisfying(
              FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
