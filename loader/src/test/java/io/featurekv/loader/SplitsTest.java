package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.loader.BuildResult.RejectedRow;
import io.featurekv.loader.source.Input;
import io.featurekv.loader.source.Part;
import io.featurekv.loader.source.RowSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inputs that are read by several threads at once come out as if one had read them. */
class SplitsTest {
  private static final int LONG_FIELD_BYTES = 9 << 20;

  @TempDir Path home;

  /** A field so long that splits begin inside it, at lines that look like rows. */
  @Test
  void readsASplitAgainThatBeganInsideAQuotedField() {
    StringBuilder field = new StringBuilder();
    for (int i = 0; field.length() < LONG_FIELD_BYTES; i++) {
      field.append("trap").append(i % 1000).append(",\n");
    }
    StringBuilder csv = new StringBuilder("id,v\n");
    Map<String, String> expected = new TreeMap<>();
    for (int i = 0; i < 200_000; i++) {
      String value = "value of " + i;
      if (i == 50_000) {
        value = field.toString();
      }
      csv.append('k').append(i).append(",\"").append(value).append("\"\n");
      expected.put("k" + i, value);
    }
    csv.append("only one field\n");
    long lines = csv.chars().filter(c -> c == '\n').count();
    Load load = Load.of(home, "a.csv", csv.toString()).value("v");
    load.maxValueBytes = 64 << 20;
    load.maxRejected = 1;
    load.memoryBytes = 256 << 20;
    BuildResult result = load.run();
    assertThat(load.writers.texts().equals(expected)).isTrue();
    assertThat(result.firstRejected())
        .extracting(RejectedRow::row)
        .as("the row is found where it stands in the whole file")
        .containsExactly(lines);
  }

  /** What a split rejects while it is read from where no row begins was never rejected. */
  @Test
  void forgetsWhatWasRejectedFromAWrongBeginning() throws IOException {
    String line = "no comma".repeat(20_000) + "\n";
    StringBuilder csv = new StringBuilder("id,v\n");
    Map<String, String> expected = new TreeMap<>();
    for (int i = 0; i < 100; i++) {
      String value = i == 50 ? line.repeat(LONG_FIELD_BYTES / line.length()) : "short";
      csv.append('k').append(i).append(",\"").append(value).append("\"\n");
      expected.put("k" + i, value);
    }
    Load load = Load.of(home, "a.csv", csv.toString()).value("v");
    load.maxValueBytes = 64 << 20;
    load.memoryBytes = 256 << 20;
    load.rejectsFile = home.resolve("rejects");
    load.run();
    assertThat(load.writers.texts().equals(expected)).isTrue();
    assertThat(load.rejectsFile).isEmptyFile();
  }

  @Test
  void countsRowsOfManySplitsAndFiles() {
    Load load = new Load(home);
    Map<String, String> expected = new TreeMap<>();
    for (int file = 0; file < 30; file++) {
      StringBuilder tsv = new StringBuilder("id\tv\n");
      for (int i = 0; i < 20_000; i++) {
        int key = (file * 7919 + i) % 400_000;
        tsv.append(key).append('\t').append(file).append('\n');
        expected.put(Integer.toString(key), Integer.toString(file));
      }
      load.file("part-" + (100 + file) + ".tsv", tsv.toString());
    }
    load.value("v");
    BuildResult result = load.run();
    assertThat(result.rows()).isEqualTo(600_000);
    assertThat(load.writers.texts()).as("the last file wins").isEqualTo(expected);
  }

  @Test
  void putsSmallInputsTogetherAndDividesLargeOnes() throws Exception {
    List<Split> splits =
        Split.plan(List.of(input(10), input(10), input(100), input(-1), input(5)), 30);
    assertThat(splits.stream().map(split -> split.parts().size()).toList())
        .containsExactly(2, 1, 1, 1, 1, 1, 1);
    assertThat(splits.stream().map(Split::firstPart).toList()).containsExactly(0, 2, 3, 4, 5, 6, 7);
    assertThat(splits.getFirst().parts()).extracting(Part::input).containsExactly(0, 1);
  }

  private static Input input(long lengthBytes) {
    return new Input() {
      @Override
      public String name() {
        return "input";
      }

      @Override
      public long lengthBytes() {
        return lengthBytes;
      }

      @Override
      public String identity() {
        return "input";
      }

      @Override
      public boolean isShared() {
        return true;
      }

      @Override
      public List<Part> parts(int input, long targetBytes) {
        if (lengthBytes < 0) {
          return List.of(Part.whole(input, -1));
        }
        List<Part> parts = new ArrayList<>();
        for (long from = 0; from < lengthBytes; from += targetBytes) {
          long to = Math.min(lengthBytes, from + targetBytes);
          parts.add(new Part(input, from, to, to - from));
        }
        return parts;
      }

      @Override
      public RowSource open(Part part) {
        throw new AssertionError("nothing is read while planning");
      }
    };
  }
}
