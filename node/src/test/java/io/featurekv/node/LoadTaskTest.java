package io.featurekv.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.featurekv.metadata.StageFigures;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskStage;
import io.featurekv.metadata.TaskState;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.load.LoadReport;
import io.featurekv.node.load.LoadRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
