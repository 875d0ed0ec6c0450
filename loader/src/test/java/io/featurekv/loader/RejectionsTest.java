package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RejectionsTest {
  private static final int LENGTH_AT = Integer.BYTES + Long.BYTES;

  @TempDir Path home;
  private Path spool;

  @BeforeEach
  void write() {
    spool = home.resolve("rejected");
    try (Rejections rejections = Rejections.begin(spool, true)) {
      rejections.add(2, 7, "no key");
      rejections.add(3, 1, "é");
    }
  }

  @Test
  void readsWhatWasWritten() throws IOException {
    List<Rejection> read = new ArrayList<>();
    Rejections.read(spool, read::add);
    assertThat(read).containsExactly(new Rejection(2, 7, "no key"), new Rejection(3, 1, "é"));
    assertThat(Rejections.isWhole(spool, 2)).isTrue();
    assertThat(Rejections.isWhole(spool, 3)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MAX_VALUE, Integer.MAX_VALUE - 8, 1 << 20, -1, Integer.MIN_VALUE})
  void refusesALengthThatIsDamaged(int length) throws IOException {
    byte[] bytes = Files.readAllBytes(spool);
    ByteBuffer.wrap(bytes).putInt(LENGTH_AT, length);
    Files.write(spool, bytes);
    assertThatThrownBy(() -> Rejections.read(spool, rejection -> {}))
        .isInstanceOfSatisfying(
            FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT))
        .hasMessage("rejected rows in " + spool + " are damaged");
    assertThat(Rejections.isWhole(spool, 2)).isFalse();
  }
}
