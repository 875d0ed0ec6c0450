package io.featurekv.bench.ingest;

import io.featurekv.bench.data.EntrySet;
import io.featurekv.bench.data.ValueShape;
import io.featurekv.bench.engine.BulkBuild;
import io.featurekv.bench.engine.Checks;
import io.featurekv.bench.engine.Directories;
import io.featurekv.bench.engine.Store;
import io.featurekv.bench.input.FileRows;
import io.featurekv.bench.peer.RocksPuts;
import io.featurekv.bench.peer.RocksTableFiles;
import io.featurekv.bench.peer.SparkeyLog;
import io.featurekv.bench.report.ProcessUse;
import io.featurekv.bench.report.Stages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Builds one store in a process of its own: {@code NAME INPUT-DIRECTORY FORMAT ENTRIES
 * EMPTY-DIRECTORY}. Prints one line of JSON, in the words of {@code featurekv bench load}, and
 * afterwards proves the store's answers.
 */
public final class PeerBuild {
  /** Values are those of {@code generate:N?version=1}. */
  static final int DATA_VERSION = 1;

  private static final int CHECKED_BATCH = 200;

  private PeerBuild() {}

  /** All stores that are built from files. */
  public static List<BulkBuild> peers() {
    return List.of(new RocksPuts(), new RocksTableFiles(), new SparkeyLog());
  }

  public static void main(String[] arguments) throws IOException {
    BulkBuild peer = find(arguments[0]);
    int entries = Integer.parseInt(arguments[3]);
    Path directory = Path.of(arguments[4]);
    FileRows rows =
        new FileRows(
            Path.of(arguments[1]),
            arguments[2],
            entries,
            Runtime.getRuntime().availableProcessors());
    long pid = ProcessHandle.current().pid();
    long writtenBefore = ProcessUse.writtenBytes(pid);
    Stages stages = new Stages();
    peer.build(directory, rows, stages);
    System.out.println(
        json(
            stages,
            ProcessUse.writtenBytes(pid) - writtenBefore,
            Directories.diskBytes(directory)));
    System.out.flush();
    try (Store store = peer.open(directory)) {
      Checks.getsOfVersion(
          store, EntrySet.plain(entries, ValueShape.FIXED), DATA_VERSION, CHECKED_BATCH);
    }
  }

  private static BulkBuild find(String name) {
    return peers().stream()
        .filter(peer -> peer.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no store is called " + name));
  }

  private static String json(Stages stages, long writtenBytes, long fileBytes) {
    String each =
        stages.all().stream()
            .map(
                stage ->
                    String.format(
                        Locale.ROOT,
                        "{\"name\":\"%s\",\"seconds\":%.3f,\"cpuSeconds\":%.3f}",
                        stage.name(),
                        stage.seconds(),
                        stage.cpuSeconds()))
            .collect(Collectors.joining(","));
    return String.format(
        Locale.ROOT,
        "{\"stages\":[%s],\"writtenBytes\":%d,\"fileBytes\":%d}",
        each,
        writtenBytes,
        fileBytes);
  }
}
