package io.featurekv.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoriesTest {
  @TempDir Path home;

  @Test
  void deletesAllBelowAndWhatIsNotThere() throws IOException {
    Path directory = Files.createDirectories(home.resolve("a/b/c"));
    Files.writeString(directory.resolve("file"), "x");
    Directories.delete(home.resolve("a"));
    assertThat(home.resolve("a")).doesNotExist();
    assertThatCode(() -> Directories.delete(home.resolve("a"))).doesNotThrowAnyException();
  }

  @Test
  void twoMayDeleteTheSameAtOneTime() throws Exception {
    for (int round = 0; round < 20; round++) {
      Path top = home.resolve("round" + round);
      for (int i = 0; i < 50; i++) {
        Files.writeString(Files.createDirectories(top.resolve("d" + i)).resolve("file"), "x");
      }
      Throwable[] failure = new Throwable[1];
      Thread other =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      Directories.delete(top);
                    } catch (IOException | RuntimeException e) {
                      failure[0] = e;
                    }
                  });
      Directories.delete(top);
      other.join();
      assertThat(failure[0]).isNull();
      assertThat(top).doesNotExist();
    }
  }

  @Test
  void whatOthersWriteMeanwhileGoesToo() throws Exception {
    for (int round = 0; round < 10; round++) {
      Path top = Files.createDirectories(home.resolve("written" + round));
      Path busy = Files.createDirectories(top.resolve("a"));
      Files.writeString(Files.createDirectories(top.resolve("z")).resolve("file"), "x");
      CountDownLatch writing = new CountDownLatch(1);
      Thread writer = Thread.ofPlatform().start(() -> write(busy, writing));
      writing.await();
      Directories.delete(top);
      writer.join();
      assertThat(top).doesNotExist();
    }
  }

  /** Until the directory is gone, but not for long. */
  private static void write(Path directory, CountDownLatch writing) {
    try {
      for (int i = 0; i < 1000; i++) {
        Files.writeString(directory.resolve("file" + i), "x");
        writing.countDown();
      }
    } catch (IOException e) {
      // It is gone.
    }
  }
}
