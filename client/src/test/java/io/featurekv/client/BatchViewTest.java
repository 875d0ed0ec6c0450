package io.featurekv.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reading answers where they lie. */
@Timeout(60)
class BatchViewTest {
  private static final List<String> MANY = new ArrayList<>();

  static {
    for (int i = 0; i < 60; i++) {
      MANY.add("key" + i);
      MANY.add("-gone" + i);
    }
  }

  private final FakeCluster cluster = FakeCluster.of("a", "a", "b");
  private FeatureKvClient client;

  @BeforeEach
  void open() {
    cluster.table("t").version("t", 1, 8).activate("t", 1).publish();
    client = FeatureKvClient.connect(cluster.config());
    client.blocking().tables();
  }

  @AfterEach
  void closeAll() {
    client.close();
    cluster.close();
  }

  private <R> R read(List<String> keys, BatchReader<R> reader) {
    return client.blocking().batchGet("t", Keys.utf8(keys), ReadOptions.DEFAULT, reader);
  }

  private static List<String> texts(BatchView view) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < view.size(); i++) {
      ByteBuffer value = view.value(i);
      texts.add(value == null ? null : StandardCharsets.UTF_8.decode(value).toString());
    }
    return texts;
  }

  @Test
  void showsWhatAResultDoesInEveryOrderOfParts() {
    List<String> expected = MANY.stream().map(key -> FakeCluster.value("t", 1, key)).toList();
    assertThat(read(MANY, BatchViewTest::texts)).isEqualTo(expected);
    cluster.nodes().forEach(node -> node.maxBatchKeys = 7);
    cluster.nodes().forEach(node -> node.valuesPerReply = 2);
    client.close();
    client = FeatureKvClient.connect(cluster.config().withConnectionsPerNode(3));
    for (int i = 0; i < 10; i++) {
      assertThat(read(MANY, BatchViewTest::texts)).isEqualTo(expected);
    }
    assertThat(read(List.of(), BatchView::size)).isZero();
  }

  @Test
  void readsValuesWithoutAnObject() {
    byte[] value = Keys.utf8("t/1/key-with-a-long-name");
    ByteBuffer expected = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
    List<String> keys = List.of("-none", "key-with-a-long-name");
    Object checked =
        read(
            keys,
            view -> {
              assertThat(view.table()).isEqualTo("t");
              assertThat(view.version()).isEqualTo(1);
              assertThat(view.readTimeMillis()).isGreaterThan(FakeCluster.READ_TIME_MILLIS - 1);
              assertThat(view.status(0)).isEqualTo(KeyStatus.ABSENT);
              assertThat(view.value(0)).isNull();
              assertThat(view.valueLength(0)).isEqualTo(-1);
              assertThat(view.copyValue(0, new byte[0], 0)).isEqualTo(-1);
              assertThat(view.error(0)).isNull();
              assertThatThrownBy(() -> view.getInt(0, 0)).isInstanceOf(IllegalStateException.class);
              assertThat(view.valueLength(1)).isEqualTo(value.length);
              byte[] copy = new byte[value.length + 3];
              assertThat(view.copyValue(1, copy, 3)).isEqualTo(value.length);
              assertThat(copy).endsWith(value);
              assertThat(view.getLong(1, 3)).isEqualTo(expected.getLong(3));
              assertThat(view.getInt(1, 5)).isEqualTo(expected.getInt(5));
              assertThat(view.getFloat(1, 7)).isEqualTo(expected.getFloat(7));
              assertThat(view.getInt(1, value.length - 4))
                  .isEqualTo(expected.getInt(value.length - 4));
              for (int offset : new int[] {-1, value.length - 3, Integer.MAX_VALUE}) {
                assertThatThrownBy(() -> view.getInt(1, offset))
                    .isInstanceOf(IndexOutOfBoundsException.class);
              }
              assertThatThrownBy(() -> view.value(1).put(0, (byte) 1))
                  .isInstanceOf(ReadOnlyBufferException.class);
              assertThatThrownBy(() -> view.status(2))
                  .isInstanceOf(IndexOutOfBoundsException.class);
              return true;
            });
    assertThat(checked).isEqualTo(true);
  }

  @Test
  void isOfNoUseAfterTheCall() {
    BatchView view = read(MANY, same -> same);
    List<Runnable> uses =
        List.of(
            view::table,
            view::version,
            view::readTimeMillis,
            view::size,
            () -> view.status(0),
            () -> view.error(0),
            () -> view.value(0),
            () -> view.valueLength(0),
            () -> view.copyValue(0, new byte[100], 0),
            () -> view.getLong(0, 0),
            () -> view.getInt(0, 0),
            () -> view.getFloat(0, 0));
    for (Runnable use : uses) {
      assertThatThrownBy(use::run).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void endsWithWhatItsReaderThrows() {
    IllegalArgumentException mine = new IllegalArgumentException("mine");
    CompletableFuture<Object> future =
        client.batchGet(
            "t",
            Keys.utf8(MANY),
            ReadOptions.DEFAULT,
            view -> {
              throw mine;
            });
    assertThatThrownBy(() -> future.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCause(mine);
    assertThat(read(List.of("key1"), BatchView::size)).isEqualTo(1);
  }

  @Test
  void showsKeysThatFailedUnlessAllOrNothingIsWanted() {
    cluster.nodes().forEach(node -> node.mood = FakeNode.Mood.HUNG);
    ReadOptions hurried = ReadOptions.DEFAULT.withTimeout(Duration.ofMillis(100));
    ErrorCode code =
        client.blocking().batchGet("t", Keys.utf8(MANY), hurried, view -> view.error(3).code());
    assertThat(code).isEqualTo(ErrorCode.DEADLINE);
    assertThatThrownBy(
            () ->
                client
                    .blocking()
                    .batchGet(
                        "t", Keys.utf8(MANY), hurried.withAllowPartial(false), BatchView::size))
        .isInstanceOfSatisfying(
            FeatureKvException.class,
            error -> {
              assertThat(error.code()).isEqualTo(ErrorCode.DEADLINE);
              assertThat(error).hasMessageContaining("120 of 120 keys failed");
            });
  }
}
