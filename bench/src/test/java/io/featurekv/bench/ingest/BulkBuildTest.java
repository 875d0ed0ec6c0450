package io.featurekv.bench.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.bench.data.EntrySet;
import io.featurekv.bench.data.StandardKeys;
import io.featurekv.bench.data.ValueShape;
import io.featurekv.bench.engine.BulkBuild;
import io.featurekv.bench.engine.Checks;
import io.featurekv.bench.engine.Store;
import io.featurekv.bench.input.FileRows;
import io.featurekv.bench.report.Stages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every store is built from files in the form of bench load, and answers as those say. */
class BulkBuildTest {
  private static final int FILES = 3;
  private static final int FILE_ENTRIES = 1500;
  private static final EntrySet SET = EntrySet.plain(FILES * FILE_ENTRIES, ValueShape.FIXED);

  @TempDir private Path directory;
  private Path input;

  static List<BulkBuild> peers() {
    return PeerBuild.peers();
  }

  @BeforeEach
  void writeInput() throws IOException {
    input = Files.createDirectories(directory.resolve("input"));
    for (int file = 0; file < FILES; file++) {
      write(file, FILE_ENTRIES);
    }
  }

  private void write(int file, int entries) throws IOException {
    StringBuilder lines = new StringBuilder("key,value\n");
    byte[] value = new byte[ValueShape.MAX_BYTES];
    for (int i = 0; i < entries; i++) {
      long id = StandardKeys.id((long) file * FILE_ENTRIES + i);
      int length = SET.writeValue(id, PeerBuild.DATA_VERSION, value);
      lines
          .append(new String(StandardKeys.key(id), StandardCharsets.US_ASCII))
          .append(',')
          .append(Base64.getEncoder().encodeToString(Arrays.copyOf(value, length)))
          .append('\n');
    }
    Files.writeString(input.resolve("entries-" + file + ".csv"), lines);
  }

  private Stages build(BulkBuild peer, Path place) throws IOException {
    Stages stages = new Stages();
    peer.build(Files.createDirectories(place), new FileRows(input, "csv", SET.count(), 2), stages);
    return stages;
  }

  @ParameterizedTest
  @MethodSource("peers")
  void holdsEveryEntryOfEveryFile(BulkBuild peer) throws Exception {
    Path place = directory.resolve(peer.name());
    assertThat(build(peer, place).all()).hasSizeBetween(2, 3);
    try (Store store = peer.open(place)) {
      Checks.getsOfVersion(store, SET, PeerBuild.DATA_VERSION, 50);
    }
  }

  @Test
  void isNotProvedWhereAFileIsMissing() throws Exception {
    BulkBuild peer = peers().getLast();
    Files.delete(input.resolve("entries-1.csv"));
    build(peer, directory.resolve("short"));
    try (Store store = peer.open(directory.resolve("short"))) {
      assertThatThrownBy(() -> Checks.getsOfVersion(store, SET, PeerBuild.DATA_VERSION, 50))
          .isInstanceOf(Checks.WrongAnswer.class);
    }
  }

  @Test
  void failsOnARowThatCannotBeRead() throws Exception {
    Files.writeString(input.resolve("entries-9.csv"), "key,value\n1234,not base64!\n");
    assertThatThrownBy(() -> build(peers().getLast(), directory.resolve("bad")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("entries-9.csv")
        .hasMessageContaining("base64");
  }
}
