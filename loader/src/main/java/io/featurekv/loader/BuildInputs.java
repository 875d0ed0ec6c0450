package io.featurekv.loader;

import io.featurekv.loader.row.ColumnType;
import io.featurekv.loader.row.EntryShape;
import io.featurekv.loader.row.TextEncoding;
import io.featurekv.loader.source.InputFile;
import io.featurekv.loader.source.InputFiles;
import io.featurekv.loader.source.RowSource;
import io.featurekv.loader.source.Sources;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The sources of one build in input order, and the shape of the entries to make of their rows. */
final class BuildInputs {
  private static final long MIN_FIELD_CHARS = 16 << 20;
  private static final long MAX_FIELD_CHARS = 160 << 20;

  /** So much longer than the longest value may a field be that is still read, to be rejected. */
  private static final int FIELD_PER_VALUE = 4;

  private final EntryShape shape;
  private final List<InputFile> files;
  private final Sources sources;
  private final String generated;

  private BuildInputs(EntryShape shape, List<InputFile> files, Sources sources, String generated) {
    this.shape = shape;
    this.files = files;
    this.sources = sources;
    this.generated = generated;
  }

  /** Finds the inputs and checks what can be checked without opening them. */
  static BuildInputs of(InputSpec input, long maxValueBytes, InputStream stdin) {
    boolean generated = isGenerated(input);
    Map<String, ColumnType> types = new HashMap<>();
    input.types().forEach((column, word) -> types.put(column, ColumnType.ofWord(column, word)));
    boolean impliedKey = generated && input.keyColumns().isEmpty();
    boolean impliedValue = generated && input.valueColumn().isEmpty();
    EntryShape shape =
        new EntryShape(
            impliedKey ? List.of(GeneratedSource.KEY_COLUMN) : input.keyColumns(),
            input.keySeparator(),
            TextEncoding.ofWord("key encoding", input.keyEncoding()),
            impliedValue ? GeneratedSource.VALUE_COLUMN : input.valueColumn(),
            TextEncoding.ofWord("value encoding", input.valueEncoding()),
            input.deleteColumn(),
            input.expiresColumn(),
            maxValueBytes);
    long fieldChars = Math.clamp(maxValueBytes * FIELD_PER_VALUE, MIN_FIELD_CHARS, MAX_FIELD_CHARS);
    return new BuildInputs(
        shape,
        generated
            ? List.of()
            : InputFiles.find(input.inputs(), input.format(), input.allowIncomplete()),
        new Sources(types, (int) fieldChars, stdin),
        generated ? input.inputs().getFirst() : "");
  }

  /** Whether the input is the standard data set; it stands alone. */
  static boolean isGenerated(InputSpec input) {
    boolean any = input.inputs().stream().anyMatch(GeneratedEntries::isAddress);
    if (any && input.inputs().size() > 1) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "generated entries are loaded alone, not with other inputs: "
              + String.join(" ", input.inputs()));
    }
    return any;
  }

  EntryShape shape() {
    return shape;
  }

  int count() {
    return generated.isEmpty() ? files.size() : 1;
  }

  String name(int source) {
    return generated.isEmpty() ? files.get(source).name() : generated;
  }

  /** Bytes of all sources, -1 when that is not known. */
  long lengthBytes() {
    if (!generated.isEmpty()) {
      return new GeneratedSource(generated).lengthBytes();
    }
    long sum = 0;
    for (InputFile file : files) {
      if (file.lengthBytes() < 0) {
        return -1;
      }
      sum += file.lengthBytes();
    }
    return sum;
  }

  RowSource open(int source) throws IOException {
    return generated.isEmpty() ? sources.open(files.get(source)) : new GeneratedSource(generated);
  }
}
