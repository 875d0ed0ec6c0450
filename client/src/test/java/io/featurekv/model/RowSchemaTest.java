package io.featurekv.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowSchemaTest {
  private static RowSchema schema(String columns) {
    return RowSchema.of(RowColumn.parseAll(columns));
  }

  private static RowSchema evolved(String from, String to) {
    return schema(from).evolve("users", RowColumn.parseAll(to));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "user_id:int64",
        "score:float=0,emb:list<float>=[1.0,2.5],名前:string?",
        "a:string=\"x,\\\"y\\\\\",b:bool?=true,c:bytes=AAE=,d:double=-1.5e3,e:string=\"\""
      })
  void columnsAreWrittenAsTheyAreRead(String text) {
    assertThat(schema(text)).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a|NAME:TYPE",
        "a:int32|none of int64, double",
        "a b:int64|column name 'a b'",
        "a:int64,a:bool|'a' is there twice",
        "a:int64=1.5|'1.5' is not an int64",
        "a:float=1e40|'1e40' is not a float",
        "a:double=0x1p3|'0x1p3' is not a double",
        "a:bool=yes|'yes' is not a bool",
        "a:list<float>=1.0|list<float> like [1.0,2.5]",
        "a:bytes=%|not base64"
      })
  void refusesWhatIsNoSchema(String columns, String because) {
    assertThatThrownBy(() -> schema(columns))
        .isInstanceOfSatisfying(
            FeatureKvException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(because);
  }

  @Test
  void growsAtTheEndAndWidens() {
    RowSchema first = schema("id:int64,score:float=0,name:string");
    RowSchema second =
        first.evolve(
            "users", first.with(RowColumn.parseAll("score:double,name:string?,age:int64=-1")));
    assertThat(second.version()).isEqualTo(2);
    assertThat(second)
        .hasToString("id:int64,score:double=0,name:string?,age:int64=-1")
        .isEqualTo(RowSchema.of(2, second.columns()));
    assertThat(second.columns()).extracting(RowColumn::since).containsExactly(1, 1, 1, 2);
    assertThat(second.columns()).extracting(RowColumn::widenedIn).containsExactly(0, 2, 0, 0);
    assertThat(second.evolve("users", second.columns())).isSameAs(second);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a:double|a:float|'a' of table 'users' would change from double to float: that narrows it",
        "a:int64?|a:int64|'a' of table 'users' would change from int64? to int64: that narrows it",
        "a:int64|a:double|'a' of table 'users' would change from int64 to double: only float",
        "a:int64,b:bool|a:int64|'b' of table 'users' would be removed: columns are only added",
        "a:int64,b:bool|a:int64,c:bool|'b' of table 'users' would be removed or renamed to 'c'",
        "a:int64,b:bool|b:bool,a:int64|'a' of table 'users' would move from place 1",
        "a:int64=1|a:int64=2|'a' of table 'users' would change its default from 1 to 2",
        "a:int64|a:int64,b:bool|'b' of table 'users' would be added as bool without a default"
      })
  void refusesWhatWouldLoseSomethingAndSaysWhat(String from, String to, String because) {
    assertThatThrownBy(() -> evolved(from, to))
        .isInstanceOfSatisfying(
            FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT))
        .hasMessageContaining(because);
  }

  @Test
  void keepsItsBounds() {
    List<RowColumn> many = new ArrayList<>();
    for (int i = 0; i < RowSchema.MAX_COLUMNS; i++) {
      many.add(new RowColumn("c" + i, RowType.BOOL, true, null));
    }
    RowSchema widest = RowSchema.of(many);
    assertThat(widest.columns()).hasSize(RowSchema.MAX_COLUMNS);
    List<RowColumn> more = new ArrayList<>(many);
    more.add(new RowColumn("more", RowType.BOOL, true, null));
    assertThatThrownBy(() -> widest.evolve("users", more)).hasMessageContaining("1025 columns");

    RowSchema grown = schema("a:int64");
    while (grown.version() < RowSchema.MAX_VERSIONS) {
      grown =
          grown.evolve(
              "users",
              grown.with(List.of(new RowColumn("v" + grown.version(), RowType.BOOL, true, null))));
    }
    RowSchema last = grown;
    assertThatThrownBy(() -> last.evolve("users", last.with(RowColumn.parseAll("one:bool?"))))
        .hasMessageContaining("254 times");
    assertThatThrownBy(
            () ->
                schema(
                    "a:string="
                        + String.join(
                            "", Collections.nCopies(RowColumn.MAX_DEFAULT_CHARS + 1, "x"))))
        .hasMessageContaining("4097 characters");
  }

  @Test
  void findsColumnsByNameAndSaysWhichThereAre() {
    RowSchema schema = schema("a:int64,b:bool,c:string");
    assertThat(schema.indexesOf("users", List.of("c", "a"))).containsExactly(2, 0);
    assertThat(schema.indexesOf("users", List.of())).containsExactly(0, 1, 2);
    assertThatThrownBy(() -> schema.indexesOf("users", List.of("a", "d")))
        .hasMessage("table 'users' has no column 'd'; it has a, b, c");
    assertThatThrownBy(() -> schema.indexesOf("users", List.of("a", "a")))
        .hasMessage("column 'a' is asked for twice");
  }
}
