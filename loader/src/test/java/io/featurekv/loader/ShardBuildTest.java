package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.storage.OpenShardFile;
import io.featurekv.storage.ScanPage;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardChain;
import io.featurekv.storage.ShardFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real shard files, from rows to what their readers see. */
class ShardBuildTest {
  @TempDir Path home;

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void buildsFilesThatVerifyAndHoldEveryEntry(TableKind kind) throws IOException {
    Load load = new Load(home).keys().input("generate:20000?valueBytes=50");
    load.kind = kind;
    BuildResult result = ShardBuild.run(load.spec(), Load.SILENT);
    load.assertNothingLeft();
    assertThat(names(home.resolve("build")))
        .containsExactlyInAnyOrder("0.mdb", "1.mdb", "2.mdb", "3.mdb");
    long entries = 0;
    for (int shard = 0; shard < load.shards; shard++) {
      SealedShardFile file = result.files().get(shard);
      assertThat(file.spec().id().shard()).isEqualTo(shard);
      assertThat(file.path()).isEqualTo(home.resolve("build").resolve(shard + ".mdb"));
      ShardFiles.verify(file.path(), file.manifest(), file.pieces());
      assertThat(file.manifest().entries())
          .isEqualTo(ShardFiles.inspect(file.path()).info().entries());
      entries += file.manifest().entries();
    }
    assertThat(entries).isEqualTo(20_000).isEqualTo(result.entries());
  }

  @Test
  void readsBackWhatWasInTheRows() {
    Load load = Load.of(home, "a.csv", "id,x,gone\n007,\"a,b\",\n1,c,yes\n2,\"d\"\"\",\n2,e,\n");
    load.kind = TableKind.IDX;
    load.mode = UpdateMode.INCREMENTAL;
    load.deleteColumn = "gone";
    BuildResult result = ShardBuild.run(load.spec(), Load.SILENT);
    assertThat(read(result)).isEqualTo(Map.of("007", "{\"x\":\"a,b\"}", "2", "{\"x\":\"e\"}"));
    assertThat(result.files().stream().mapToLong(file -> file.manifest().tombstones()).sum())
        .isEqualTo(1);
  }

  private static Map<String, String> read(BuildResult result) {
    Map<String, String> texts = new TreeMap<>();
    for (SealedShardFile file : result.files()) {
      try (OpenShardFile open = ShardFiles.open(file.path(), file.spec());
          ShardChain chain = ShardChain.of(List.of(open))) {
        assertThat(chain.tryAcquire()).isTrue();
        ScanPage page = chain.scan(null, true, null, 1000, 1 << 20, 0);
        for (ScanPage.Entry entry : page.entries()) {
          texts.put(text(entry.key()), text(entry.value()));
        }
        chain.release();
      }
    }
    return texts;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void leavesNoFileBehindWhenItFails() throws IOException {
    Load load = Load.of(home, "a.csv", "id,x\n1,a\n1,b\n");
    load.lastDuplicateWins = false;
    for (int attempt = 0; attempt < 2; attempt++) {
      FeatureKvException failure =
          catchThrowableOfType(
              FeatureKvException.class, () -> ShardBuild.run(load.spec(), Load.SILENT));
      assertThat(failure.code()).isEqualTo(ErrorCode.CONFLICT);
      assertThat(names(home.resolve("build"))).isEmpty();
    }
    load.lastDuplicateWins = true;
    assertThat(ShardBuild.run(load.spec(), Load.SILENT).entries()).isEqualTo(1);
    assertThat(ShardBuild.run(load.spec(), Load.SILENT).entries())
        .as("again, in a directory that has the files of an earlier attempt")
        .isEqualTo(1);
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
