package io.featurekv.cli.bench;

import io.featurekv.cli.load.LoadWords;
import io.featurekv.loader.InputSpec;
import io.featurekv.metadata.Gate;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.load.LoadRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One measured load.
 *
 * @param isInputKept whether files that are made for it stay
 * @param boundBytes on the memory of the whole process
 * @param memoryBytes what of it is not the heap's
 * @param patience how long to wait for the nodes once the version is sealed
 * @param onCluster whether the nodes build
 */
record LoadPlan(
    String table,
    TableKind kind,
    InputPlan input,
    Path inputDirectory,
    boolean isInputKept,
    long boundBytes,
    long memoryBytes,
    Path tempDirectory,
    Duration patience,
    boolean onCluster) {
  /** The load as {@code featurekv load} would run it. */
  LoadRequest request() {
    return new LoadRequest(
        table,
        input.spec(inputDirectory),
        words(),
        UpdateMode.FULL,
        true,
        0,
        false,
        null,
        false,
        true,
        // A table is loaded with sets of any size.
        Set.of(Gate.SHRINK, Gate.GROWTH),
        "",
        memoryBytes,
        tempDirectory,
        patience,
        onCluster,
        false,
        null);
  }

  /** What a person would type for the same load, where the files are still there. */
  private String words() {
    InputSpec spec = input.spec(inputDirectory.toAbsolutePath());
    List<String> words = new ArrayList<>(List.of(table));
    words.addAll(spec.inputs());
    if (input.format() != InputPlan.Format.GENERATE) {
      words.addAll(List.of("--format", spec.format()));
      words.addAll(List.of("--key", InputPlan.KEY_COLUMN, "--value", InputPlan.VALUE_COLUMN));
      words.addAll(List.of("--value-encoding", spec.valueEncoding()));
    }
    return LoadWords.of(words, spec.inputs());
  }
}
