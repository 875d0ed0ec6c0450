package io.featurekv.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowBytes;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowJson;
import io.featurekv.model.RowSchema;
import io.featurekv.model.RowView;
import io.featurekv.model.RowWriter;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Whatever bytes come: a value or a FeatureKvException, and no memory beyond what they justify. */
class HostileBytesTest {
  private static final int ROUNDS = 5_000;

  /** A decoder that also touches everything it decoded. */
  private record Target(byte[] good, Consumer<ByteBuffer> decoder) {}

  private static Map<String, Target> targets() {
    Map<String, Target> targets = new LinkedHashMap<>();
    ByteBuffer header = ByteBuffer.allocate(FrameHeader.BYTES);
    FrameHeader.of(5, FrameType.SCAN, 1, 7).encode(header);
    targets.put("header", new Target(header.array(), FrameHeader::decode));
    targets.put("hello", new Target(bytes(Hello.peer("cluster", "n1").encode()), Hello::decode));
    HelloReply reply = new HelloReply(1, 2, 3, 4, "cluster", "n1", "a");
    targets.put("hello reply", new Target(bytes(reply.encode()), HelloReply::decode));
    ErrorReply error = new ErrorReply(ErrorCode.CORRUPT, "a message");
    targets.put("error", new Target(bytes(error.encode()), ErrorReply::decode));
    ByteBuffer batch =
        BatchGetRequest.encode(
            "users", 3, 7, 100, List.of(new byte[3], new byte[500], new byte[1]));
    targets.put("batch get", new Target(bytes(batch), HostileBytesTest::readBatch));
    targets.put("batch values", new Target(values(), HostileBytesTest::readValues));
    ByteBuffer columns =
        BatchGetRequest.encode(
            "users", 3, 7, 100, List.of(new byte[3]), ColumnNames.encode(List.of("a", "bc")));
    targets.put(
        "batch get of columns",
        new Target(bytes(columns), body -> BatchGetRequest.decode(body, BatchGetRequest.COLUMNS)));
    targets.put("rows", new Target(rows(), HostileBytesTest::readRows));
    ScanRequest scan =
        new ScanRequest("users", 1, 7, 2, 3, 4, 5, new byte[] {1}, true, new byte[] {2, 3});
    ScanRequest scanOfColumns =
        new ScanRequest("users", 1, 7, 2, 3, 4, 5, null, true, null, List.of("a"));
    targets.put("scan of columns", new Target(bytes(scanOfColumns.encode()), ScanRequest::decode));
    targets.put("scan", new Target(bytes(scan.encode()), ScanRequest::decode));
    ScanReply page =
        new ScanReply(
            4,
            true,
            List.of(
                new ScanReply.Entry(new byte[4], new byte[10]),
                new ScanReply.Entry(new byte[1], new byte[0])));
    targets.put("scan page", new Target(bytes(page.encode()), ScanReply::decode));
    return targets;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static byte[] values() {
    ByteBuffer out = ByteBuffer.allocate(200);
    BatchValuesWriter writer = new BatchValuesWriter(out);
    writer.begin(1, 2, 4);
    writer.found(20);
    writer.absent();
    writer.failed(ErrorCode.DEADLINE, "late");
    writer.deferred();
    return bytes(out.flip());
  }

  private static byte[] rows() {
    RowSchema shape = RowSchema.shape(RowColumn.parseAll("a:int64?,b:string?,c:list<float>?"));
    RowWriter row = new RowWriter(shape);
    row.begin();
    row.setLong(0, 7);
    row.setString(1, "text");
    row.setFloats(2, new float[] {1, 2});
    row.finish();
    ByteBuffer out = ByteBuffer.allocate(200);
    BatchValuesWriter writer = new BatchValuesWriter(out);
    writer.begin(1, 2, 2);
    writer.shape(RowShape.encode(shape));
    out.put(writer.found(row.length()), row.toBytes());
    writer.absent();
    return bytes(out.flip());
  }

  private static void readRows(ByteBuffer bytes) {
    BatchValues values = BatchValues.decode(bytes, true);
    RowSchema shape = values.shape();
    for (int i = 0; i < values.count() && shape != null; i++) {
      if (values.status(i) == ValueStatus.FOUND) {
        RowView row =
            new RowView(shape)
                .wrap(RowBytes.of(values.buffer()), values.valueOffset(i), values.valueLength(i));
        assertThat(RowJson.of(row)).isNotEmpty();
      }
    }
  }

  private static void readBatch(ByteBuffer bytes) {
    BatchGetRequest request = BatchGetRequest.decode(bytes);
    for (int i = 0; i < request.count(); i++) {
      assertThat(request.key(i)).isNotEmpty();
    }
  }

  private static void readValues(ByteBuffer bytes) {
    BatchValues values = BatchValues.decode(bytes);
    for (int i = 0; i < values.count(); i++) {
      switch (values.status(i)) {
        case FOUND -> assertThat(values.value(i)).isNotNull();
        case FAILED -> {
          assertThat(values.errorCode(i)).isNotNull();
          assertThat(values.errorMessage(i)).isNotNull();
        }
        case ABSENT, DEFERRED -> {}
      }
    }
  }

  /** True when it was accepted. */
  private static boolean feed(String name, Target target, byte[] bytes, int length) {
    try {
      target.decoder.accept(ByteBuffer.wrap(bytes, 0, length));
      return true;
    } catch (FeatureKvException e) {
      assertThat(e.getMessage()).isNotBlank();
      return false;
    } catch (RuntimeException e) {
      throw new AssertionError(
          name + " of " + Arrays.toString(Arrays.copyOf(bytes, length)) + " threw", e);
    }
  }

  @Test
  void refusesEveryTruncation() {
    targets()
        .forEach(
            (name, target) -> {
              assertThat(feed(name, target, target.good, target.good.length)).isTrue();
              for (int length = 0; length < target.good.length; length++) {
                assertThat(feed(name, target, target.good, length))
                    .as("%s cut to %d bytes", name, length)
                    .isFalse();
              }
            });
  }

  @Test
  void survivesFlippedBytes() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    targets()
        .forEach(
            (name, target) -> {
              for (int round = 0; round < ROUNDS; round++) {
                byte[] bytes = target.good.clone();
                for (int i = random.nextInt(4); i >= 0; i--) {
                  int value = random.nextInt(4) == 0 ? 0xFF : random.nextInt(256);
                  bytes[random.nextInt(bytes.length)] = (byte) value;
                }
                feed(name, target, bytes, bytes.length);
              }
            });
  }

  @Test
  void survivesRandomBytes() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    targets()
        .forEach(
            (name, target) -> {
              for (int round = 0; round < ROUNDS; round++) {
                byte[] bytes = new byte[random.nextInt(80)];
                random.nextBytes(bytes);
                feed(name, target, bytes, bytes.length);
              }
            });
  }

  @Test
  void survivesHugeNumbersWhereverTheyMayStand() {
    targets()
        .forEach(
            (name, target) -> {
              for (int offset = 0; offset < target.good.length; offset++) {
                for (int width : new int[] {1, 2, 4, 8}) {
                  byte[] bytes = target.good.clone();
                  int end = Math.min(bytes.length, offset + width);
                  Arrays.fill(bytes, offset, end, (byte) 0xFF);
                  feed(name, target, bytes, bytes.length);
                  bytes[end - 1] = 0x7F;
                  feed(name, target, bytes, bytes.length);
                }
              }
            });
  }
}
