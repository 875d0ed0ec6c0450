package io.featurekv.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.featurekv.loader.BuildProgress;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.StageFigures;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskStage;
import io.featurekv.metadata.TaskState;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.load.LoadReport;
import io.featurekv.node.load.LoadRequest;
import io.featurekv.node.load.LoadRunner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the cluster tells of loads that another process builds: whole nodes in this process. */
class LoadTaskTest {
  private static final String ROWS = "id,n\n1,a\n2,b\n3,c\n1,d\n";

  @TempDir Path directory;

  private Path file(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  @Test
  void everyStageKeepsItsLastFiguresHoweverTheLoadEnds() throws IOException {
    try (TestCluster cluster = TestCluster.start(directory, "a", "b")) {
      cluster.createTable("t", TableKind.MEM, 2);
      String good = file("good.csv", ROWS).toString();
      LoadReport report = cluster.load("t", good, UpdateMode.FULL, "id");
      TaskRecord done = cluster.metadata().tasks().get(report.taskId());
      long bytes = done.counts().bytes();
      assertThat(done.stages())
          .extracting(TaskStage::name, TaskStage::figures)
          .containsExactly(
              tuple("read", new StageFigures(4, 4, ROWS.length(), ROWS.length())),
              tuple("build", new StageFigures(3, 3, bytes, bytes)),
              tuple("ship", new StageFigures(3, 3, 2 * bytes, 2 * bytes)),
              tuple("load", new StageFigures(3, 3, bytes, bytes)));

      String bad = ROWS + ",no key\n";
      String input = file("bad.csv", bad).toString();
      assertThatThrownBy(
              () ->
                  LoadRunner.run(
                      cluster.admin(),
                      cluster.request("t", input, UpdateMode.FULL, "op", "id"),
                      TestCluster.quiet()))
          .isInstanceOf(FeatureKvException.class);
      TaskRecord failed = cluster.metadata().tasks().get("op");
      assertThat(failed.state()).isEqualTo(TaskState.FAILED);
      assertThat(failed.stages())
          .extracting(TaskStage::name, stage -> stage.figures().bytes())
          .containsExactly(tuple("read", (long) bad.length()));
    }
  }

  /** Nobody wants the load from the first moment on. */
  private static final BuildProgress UNWANTED =
      new BuildProgress() {
        @Override
        public void update(String stage, long done, long total) {}

        @Override
        public boolean isCancelled() {
          return true;
        }
      };

  @Test
  void aLoadThatIsInterruptedBeforeItReadsLeavesNoTaskBuilding() throws IOException {
    String input = file("good.csv", ROWS).toString();
    try (TestCluster cluster = TestCluster.start(directory, "a")) {
      cluster.createTable("t", TableKind.MEM, 1);
      Thread.currentThread().interrupt();
      assertThatThrownBy(
              () ->
                  LoadRunner.run(
                      cluster.admin(),
                      cluster.request("t", input, UpdateMode.FULL, "op", "id"),
                      UNWANTED))
          .isInstanceOf(FeatureKvException.class)
          .hasMessage("the load was interrupted");
      assertThat(Thread.interrupted()).isTrue();
      TaskRecord task = cluster.admin().read().metadata().tasks().get("op");
      assertThat(task.state()).isEqualTo(TaskState.FAILED);
      assertThat(task.reason()).isEqualTo("the load was interrupted");
    } finally {
      var _ = Thread.interrupted();
    }
  }

  /** Standard input that never brings anything, and tells when it is read. */
  private static final class SilentInput extends InputStream {
    private final CountDownLatch isRead = new CountDownLatch(1);
    private final CountDownLatch isOver = new CountDownLatch(1);

    @Override
    public int read(byte[] target, int offset, int length) {
      return length == 0 ? 0 : read();
    }

    @Override
    public int read() {
      isRead.countDown();
      boolean isWaiting = true;
      while (isWaiting) {
        try {
          isOver.await();
          isWaiting = false;
        } catch (InterruptedException e) {
          // As the read of a pipe that nobody writes to.
        }
      }
      return -1;
    }
  }

  @Test
  void aCancelledLoadEndsAtOnceThoughItsInputBringsNothing() throws Exception {
    InputStream stdin = System.in;
    SilentInput silent = new SilentInput();
    System.setIn(silent);
    try (TestCluster cluster = TestCluster.start(directory, "a")) {
      cluster.createTable("t", TableKind.MEM, 1);
      LoadRequest request = cluster.request("t", "-", "csv", UpdateMode.FULL, "op", Set.of(), "id");
      CompletableFuture<LoadReport> loading =
          CompletableFuture.supplyAsync(
              () -> LoadRunner.run(cluster.admin(), request, TestCluster.quiet()),
              task -> Thread.ofPlatform().daemon().start(task));
      assertThat(silent.isRead.await(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      cluster.admin().propose(new Command.FailTask("op", 1, "by an operator", true));
      assertThatThrownBy(() -> loading.get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .hasCauseInstanceOf(FeatureKvException.class)
          .hasMessageContaining("task op was cancelled: by an operator");
      assertThat(cluster.metadata().tasks().get("op").state()).isEqualTo(TaskState.CANCELLED);
    } finally {
      silent.isOver.countDown();
      System.setIn(stdin);
    }
  }
}
