package io.featurekv.node.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadDirectoryTest {
  @TempDir Path temporary;

  /** What a process leaves that ends without a chance: the lock is gone, the files are not. */
  private Path leftBy(String taskId, boolean resumable) throws IOException {
    LoadDirectory killed = LoadDirectory.open(temporary, taskId, resumable);
    Files.writeString(killed.path().resolve("split-0-0.run"), "entries");
    killed.keep();
    killed.close();
    return killed.path();
  }

  @Test
  void whatAKilledLoadLeftIsDeletedByTheNextOneUnlessItCanGoOn() throws IOException {
    Path once = leftBy("once", false);
    Path again = leftBy("again", true);
    try (LoadDirectory living = LoadDirectory.open(temporary, "living", false)) {
      assertThat(once).doesNotExist();
      assertThat(again.resolve("split-0-0.run")).exists();
      LoadDirectory.open(temporary, "next", false).close();
      assertThat(living.path()).isNotEmptyDirectory();
      assertThatThrownBy(() -> LoadDirectory.open(temporary, "living", false))
          .isInstanceOf(FeatureKvException.class)
          .hasMessageContaining("another process");
    }
    assertThat(temporary).isDirectoryContaining(path -> path.equals(again));
    assertThat(temporary.toFile().list()).hasSize(1);
  }

  /** Another process, which exits with 0 if it gets the lock of a file. */
  static final class Locking {
    private Locking() {}

    public static void main(String[] args) throws IOException {
      try (FileChannel file = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE)) {
        System.exit(file.tryLock() == null ? 1 : 0);
      }
    }
  }

  private static int exitOfLocking(Path file) throws IOException, InterruptedException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Locking.class.getName(),
            file.toString())
        .inheritIO()
        .start()
        .waitFor();
  }

  @Test
  void otherLoadsOfTheProcessLeaveALivingOneItsLock() throws Exception {
    Path lock;
    try (LoadDirectory living = LoadDirectory.open(temporary, "living", false)) {
      lock = living.path().resolve("lock");
      LoadDirectory.open(temporary, "next", false).close();
      assertThatThrownBy(() -> LoadDirectory.open(temporary, "living", false))
          .isInstanceOf(FeatureKvException.class);
      assertThat(exitOfLocking(lock)).isEqualTo(1);
      living.keep();
    }
    assertThat(exitOfLocking(lock)).isZero();
  }

  @Test
  void aTaskThatIsRunAgainUnderItsNameCanBeComeBackTo() throws IOException {
    Path once = leftBy("task", false);
    assertThat(leftBy("task", true)).isEqualTo(once);
    LoadDirectory.open(temporary, "next", false).close();
    assertThat(once.resolve("split-0-0.run")).exists();
  }

  @Test
  void whatCouldGoOnIsForgottenAfterDays() throws IOException {
    Path again = leftBy("again", true);
    Files.setLastModifiedTime(
        again, FileTime.from(Instant.now().minus(LoadDirectory.FORGOTTEN_AFTER).minusSeconds(60)));
    LoadDirectory.open(temporary, "next", false).close();
    assertThat(again).doesNotExist();
  }
}
