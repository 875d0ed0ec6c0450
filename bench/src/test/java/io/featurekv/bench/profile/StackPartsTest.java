package io.featurekv.bench.profile;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StackPartsTest {
  private final StackParts parts = new StackParts();

  @Test
  void theFirstFrameFromTheTopThatBelongsToAPartCounts() {
    assertThat(
            parts.of(
                List.of(
                    "jdk.internal.misc.Unsafe.copyMemory",
                    "io.featurekv.storage.NativeMemory.copy",
                    "io.featurekv.loader.sort.SortBuffer.add",
                    "io.featurekv.loader.RunMaking.add",
                    "io.featurekv.loader.SplitReading.read")))
        .isEqualTo(Part.BUFFER);
    assertThat(
            parts.of(
                List.of(
                    "dev.hardwood.internal.PageDecoder.decode",
                    "io.featurekv.loader.source.ParquetRows.next",
                    "io.featurekv.loader.SplitReading.read")))
        .isEqualTo(Part.PARSE);
    assertThat(
            parts.of(
                List.of(
                    "sun.security.provider.SHA2.implCompress0",
                    "io.featurekv.storage.PageFileWriter.digest")))
        .isEqualTo(Part.DIGEST);
  }

  @Test
  void whatSeveralPartsUseCountsForTheOneThatCallsIt() {
    String buffer = "io.featurekv.loader.sort.SortBuffer.";
    assertThat(parts.of(List.of(buffer + "scatterByShard", buffer + "sort"))).isEqualTo(Part.SORT);
    assertThat(parts.of(List.of(buffer + "ref", buffer + "isSameKey", buffer + "dropDuplicates")))
        .isEqualTo(Part.SORT);
    assertThat(
            parts.of(
                List.of(
                    buffer + "ref",
                    buffer + "record",
                    "io.featurekv.loader.sort.RunWriter.writeStage",
                    buffer + "writeTo")))
        .isEqualTo(Part.WRITE_RUNS);
    String prefix = "io.featurekv.loader.sort.KeyPrefix.of";
    assertThat(parts.of(List.of(prefix, "io.featurekv.loader.sort.StoredCursor.standAt")))
        .isEqualTo(Part.MERGE);
    assertThat(parts.of(List.of(prefix, buffer + "add"))).isEqualTo(Part.BUFFER);
    assertThat(
            parts.of(
                List.of(
                    "io.featurekv.storage.KeyIndex.find",
                    "io.featurekv.storage.KeySearch.find",
                    "io.featurekv.storage.IdxReader.lookup",
                    "io.featurekv.storage.BatchLookup.run")))
        .isEqualTo(Part.READ);
    assertThat(
            parts.of(
                List.of(
                    "io.featurekv.storage.BlockDecoder.decode",
                    "io.featurekv.storage.BlkCursor.next",
                    "io.featurekv.storage.BlkReadBack.run")))
        .isEqualTo(Part.READ_BACK);
  }

  @Test
  void theLongestPrefixOfAFrameCounts() {
    assertThat(parts.of(List.of("io.featurekv.loader.sort.SortBuffer.sort"))).isEqualTo(Part.SORT);
    assertThat(parts.of(List.of("io.featurekv.loader.sort.SortBuffer.writeTo")))
        .isEqualTo(Part.WRITE_RUNS);
    assertThat(parts.of(List.of("io.featurekv.storage.BlockCompressor.compress")))
        .isEqualTo(Part.COMPRESS);
    assertThat(parts.of(List.of("io.featurekv.node.shipping.Uploads.take"))).isEqualTo(Part.SHIP);
    assertThat(parts.of(List.of("io.featurekv.node.control.Conductor.round")))
        .isEqualTo(Part.CONTROL);
  }

  @Test
  void whatIsNotKnownIsOther() {
    assertThat(parts.of(List.of("java.lang.Thread.run"))).isEqualTo(Part.OTHER);
    assertThat(parts.of(List.of())).isEqualTo(Part.OTHER);
  }

  /** A class that is renamed would silently count for another part. */
  @Test
  void everyPrefixOfOursIsTheBeginningOfCodeThatThereIs() {
    JavaClasses ours = new ClassFileImporter().importPackages("io.featurekv");
    Set<String> code =
        ours.stream()
            .flatMap(
                each ->
                    each.getCodeUnits().stream().map(unit -> each.getName() + "." + unit.getName()))
            .collect(Collectors.toSet());
    Stream<String> prefixes =
        StackParts.PREFIXES.keySet().stream().filter(prefix -> prefix.startsWith("io.featurekv."));
    assertThat(prefixes)
        .isNotEmpty()
        .allSatisfy(
            prefix -> assertThat(code).anySatisfy(name -> assertThat(name).startsWith(prefix)));
  }
}
