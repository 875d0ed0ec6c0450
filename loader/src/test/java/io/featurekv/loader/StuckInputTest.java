package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Inputs that bring nothing any more, and cannot be interrupted. */
class StuckInputTest {
  @TempDir Path home;

  /** Some bytes, and then none until it is let go; deaf to interruptions. */
  private static final class StuckStream extends InputStream {
    private final InputStream first;
    private final CountDownLatch isStuck = new CountDownLatch(1);
    private final CountDownLatch isOver = new CountDownLatch(1);

    StuckStream(String first) {
      this.first = new ByteArrayInputStream(first.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int read() {
      throw new AssertionError("read in pieces");
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      int count = ((ByteArrayInputStream) first).read(target, offset, length);
      if (count >= 0 || length == 0) {
        return count;
      }
      isStuck.countDown();
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

  @ParameterizedTest
  @ValueSource(strings = {"", "id,n\n1,a\n2,b\n"})
  @Timeout(60)
  void aBuildThatIsCancelledReturnsThoughItsInputBringsNothing(String first) {
    StuckStream stuck = new StuckStream(first);
    Load load = new Load(home).input("-");
    load.format = "csv";
    BuildPorts ports = new BuildPorts(stuck, load.writers, load.order, load.clock);
    BuildProgress cancelsOnceStuck =
        new BuildProgress() {
          @Override
          public void update(String stage, long done, long total) {}

          @Override
          public boolean isCancelled() {
            return stuck.isStuck.getCount() == 0;
          }
        };
    FeatureKvException failure =
        catchThrowableOfType(
            FeatureKvException.class, () -> ShardBuild.run(load.spec(), cancelsOnceStuck, ports));
    assertThat(failure.code()).isEqualTo(ErrorCode.TRY_AGAIN);
    stuck.isOver.countDown();
    load.assertNothingLeft();
  }
}
