package io.featurekv.chaos.instruments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.chaos.instruments.FailingDisk.Failure;
import io.featurekv.chaos.instruments.FailingDisk.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows that the instruments for disks and files do what they say. */
class DiskInstrumentsTest {
  private static final int BLOCK = 64 << 10;

  @TempDir Path directory;

  private static void write(Path path, int bytes, boolean isForced) throws IOException {
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      byte[] content = new byte[bytes];
      Arrays.fill(content, (byte) 7);
      file.write(ByteBuffer.wrap(content));
      if (isForced) {
        file.force(true);
      }
    }
  }

  @Test
  void smallDiskFillsUpIsRelievedAndGoesAway() throws IOException {
    Required.present(SmallDisk.missing());
    Path place = directory.resolve("small");
    try (SmallDisk disk = SmallDisk.mount(place, 1 << 20)) {
      assertThat(disk.fill(0)).isPositive();
      assertThatThrownBy(() -> write(place.resolve("a"), BLOCK, false))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("No space");
      disk.relieve();
      write(place.resolve("b"), BLOCK, true);
    }
    assertThat(place).isEmptyDirectory();
  }

  @Test
  void powerCutLosesWhatWasNotForcedAndNothingElse() throws IOException {
    Required.present(PowerCut.missing());
    Path place = directory.resolve("disk");
    Path image = directory.resolve("image");
    try (PowerCut disk = PowerCut.mount(place, image, 32 << 20)) {
      write(place.resolve("forced"), BLOCK, true);
      write(place.resolve("not-forced"), BLOCK, false);
      disk.cut();
      assertThatThrownBy(() -> write(place.resolve("late"), BLOCK, true))
          .isInstanceOf(IOException.class);
      disk.restore();
      assertThat(Files.readAllBytes(place.resolve("forced"))).hasSize(BLOCK).containsOnly(7);
      assertThat(place.resolve("late")).doesNotExist();
      Path lost = place.resolve("not-forced");
      assertThat(Files.exists(lost) ? Files.size(lost) : 0).isZero();
    }
    assertThat(image).doesNotExist();
    assertThat(place).isEmptyDirectory();
  }

  @Test
  void failingDiskFailsTheCallsThatItWasToldAndNoOthers() throws IOException {
    Required.present(FailingDisk.missing());
    String file = directory.resolve("victim").toString();
    String other = directory.resolve("other").toString();
    try (FailingDisk disk = FailingDisk.create(directory.resolve("shim"));
        ObedientProcess process = ObedientProcess.start(List.of(), disk.environment())) {
      assertThat(process.ask("write", file, "1000")).isEqualTo("ok 1000");
      disk.fail(Operation.WRITE, Failure.NO_SPACE, 1, "victim");
      assertThat(process.ask("write", other, "1000")).isEqualTo("ok 1000");
      assertThat(process.ask("write", file, "1000")).isEqualTo("failed No space left on device");
      assertThat(process.ask("write", file, "1000")).isEqualTo("ok 1000");
      disk.fail(Operation.SHORT_WRITE, Failure.IO_ERROR, 1, "victim");
      assertThat(process.ask("write", file, "1000")).isEqualTo("ok 500");
      disk.fail(Operation.FORCE, Failure.IO_ERROR, 1, "victim");
      assertThat(process.ask("force", file)).isEqualTo("failed Input/output error");
      disk.fail(Operation.READ, Failure.IO_ERROR, 1, "victim");
      assertThat(process.ask("read", file)).isEqualTo("failed Input/output error");
      disk.fail(Operation.RENAME, Failure.IO_ERROR, 1, "victim");
      assertThat(process.ask("rename", other, file)).startsWith("failed").contains("Input/output");
      assertThat(disk.fired()).isEqualTo(5);
      disk.fail(Operation.WRITE, Failure.IO_ERROR, 1, "victim");
      disk.heal();
      assertThat(process.ask("write", file, "1000")).isEqualTo("ok 1000");
      assertThat(disk.fired()).isEqualTo(5);
    }
  }

  @Test
  void damageFindsFilesByKindAndIsRepeatedByItsSeed() throws IOException {
    Path data = directory.resolve("data");
    Path shard = data.resolve("tables/t/1/0.mdb");
    Path log = data.resolve("raft/group/current/log_inprogress_0");
    for (Path file : List.of(shard, log, data.resolve("raft/group/current/raft-meta"))) {
      Files.createDirectories(file.getParent());
      write(file, BLOCK, false);
    }
    assertThat(Damage.files(data, Damage.Kind.SHARD_FILE)).containsExactly(shard);
    assertThat(Damage.files(data, Damage.Kind.RAFT_LOG)).containsExactly(log);
    assertThat(Damage.files(data, Damage.Kind.RAFT_SNAPSHOT)).isEmpty();
    byte[] before = Files.readAllBytes(shard);
    Damage.Done done =
        new Damage(5).harmOne(data, Damage.Kind.SHARD_FILE, Damage.Harm.FLIP_BIT).orElseThrow();
    byte[] after = Files.readAllBytes(shard);
    assertThat(Arrays.mismatch(before, after)).isEqualTo((int) done.offset());
    new Damage(5).harmOne(data, Damage.Kind.SHARD_FILE, Damage.Harm.FLIP_BIT);
    assertThat(Files.readAllBytes(shard)).isEqualTo(before);
    long length = new Damage(6).harm(log, Damage.Harm.TRUNCATE);
    assertThat(log).hasSize(length);
    assertThat(new Damage(5).harmOne(data, Damage.Kind.PART, Damage.Harm.TRUNCATE)).isEmpty();
  }
}
