package io.featurekv.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

class CodecTest {
  private static final long SEED = System.nanoTime();

  private final Random random = random();

  private static Random random() {
    System.out.println("seed " + SEED);
    return new Random(SEED);
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static ErrorCode codeOf(Callable<?> call) {
    try {
      call.call();
    } catch (FeatureKvException e) {
      return e.code();
    } catch (Exception e) {
      throw new AssertionError("not the exception that is promised", e);
    }
    throw new AssertionError("it was accepted");
  }

  @Test
  void headersComeBack() {
    for (FrameHeader header :
        List.of(
            new FrameHeader(0, 1, 0, 0),
            new FrameHeader(Integer.MAX_VALUE, 255, 255, -1),
            FrameHeader.of(17, FrameType.SCAN, 1, 0x01020304))) {
      ByteBuffer out = ByteBuffer.allocate(20).position(3);
      header.encode(out);
      assertThat(out.position()).isEqualTo(3 + FrameHeader.BYTES);
      out.position(3);
      assertThat(FrameHeader.decode(out)).isEqualTo(header);
      assertThat(out.position()).isEqualTo(3 + FrameHeader.BYTES);
    }
  }

  @Test
  void refusesAHeaderBeyondEveryLimit() {
    ByteBuffer header = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putInt(0, -1);
    assertThat(codeOf(() -> FrameHeader.decode(header))).isEqualTo(ErrorCode.TOO_LARGE);
  }

  @Test
  void everyTypeHasItsOwnCode() {
    for (FrameType type : FrameType.values()) {
      assertThat(FrameType.ofCode(type.code())).isEqualTo(type);
    }
    assertThat(FrameType.ofCode(0)).isNull();
    assertThat(FrameType.ofCode(13)).isNull();
    assertThat(FrameType.ofCode(-1)).isNull();
    assertThat(FrameType.ofCode(256)).isNull();
  }

  @Test
  void handshakeComesBack() {
    for (Hello hello :
        List.of(Hello.client(""), Hello.tool("c-9"), Hello.peer("c", "n"), longest(), range())) {
      assertThat(Hello.decode(hello.encode())).isEqualTo(hello);
    }
    HelloReply reply = new HelloReply(65_535, Integer.MAX_VALUE, 1, -5, "c", "n", "s");
    assertThat(HelloReply.decode(reply.encode())).isEqualTo(reply);
  }

  private static Hello longest() {
    return Hello.peer("c".repeat(255), "n".repeat(255));
  }

  private static Hello range() {
    return new Hello(2, 9, Hello.Role.CLIENT, "", "");
  }

  @Test
  void handshakeIgnoresWhatALaterReleaseAdds() {
    byte[] longer = Arrays.copyOf(Hello.client("c").encode().array(), 100);
    assertThat(Hello.decode(ByteBuffer.wrap(longer))).isEqualTo(Hello.client("c"));
    HelloReply reply = new HelloReply(1, 2, 3, 4, "c", "n", "s");
    byte[] longerReply = Arrays.copyOf(reply.encode().array(), 100);
    assertThat(HelloReply.decode(ByteBuffer.wrap(longerReply))).isEqualTo(reply);
  }

  @Test
  void refusesAStrangersHello() {
    byte[] http = "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    assertThatThrownBy(() -> Hello.decode(ByteBuffer.wrap(http)))
        .isInstanceOf(FeatureKvException.class)
        .hasMessageContaining("0x47455420")
        .hasMessageContaining("FKV1");
  }

  @Test
  void cutsLongMessagesBetweenCharacters() {
    ErrorReply error = new ErrorReply(ErrorCode.INTERNAL, "ä€😀".repeat(20_000));
    ErrorReply decoded = ErrorReply.decode(error.encode());
    assertThat(error.message()).startsWith(decoded.message());
    assertThat(decoded.message()).doesNotContain("\uFFFD");
    assertThat(decoded.message().length()).isGreaterThan(20_000);
    assertThat(decoded.code()).isEqualTo(ErrorCode.INTERNAL);
  }

  @Test
  void batchRequestsComeBack() {
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      keys.add(bytes(1 + random.nextInt(Limits.MAX_KEY_BYTES)));
    }
    ByteBuffer encoded = BatchGetRequest.encode("a.table-1", Long.MAX_VALUE, 8L << 40, 5, keys);
    // Not at the start of its buffer, and in native memory, as a server sees it.
    ByteBuffer direct = ByteBuffer.allocateDirect(encoded.remaining() + 7).position(7);
    direct.put(encoded).position(7);
    BatchGetRequest request = BatchGetRequest.decode(direct);
    assertThat(request.table()).isEqualTo("a.table-1");
    assertThat(request.version()).isEqualTo(Long.MAX_VALUE);
    assertThat(request.readTimeMillis()).isEqualTo(8L << 40);
    assertThat(request.timeoutMillis()).isEqualTo(5);
    assertThat(request.count()).isEqualTo(keys.size());
    for (int i = 0; i < keys.size(); i++) {
      assertThat(request.key(i)).isEqualTo(keys.get(i));
      assertThat(request.keyLength(i)).isEqualTo(keys.get(i).length);
      assertThat(direct.get(request.keyOffset(i))).isEqualTo(keys.get(i)[0]);
    }
    assertThat(BatchGetRequest.decode(BatchGetRequest.encode("t", 0, 0, 1, List.of())).count())
        .isZero();
  }

  @Test
  void nodesThatKnowNoColumnsRefuseRequestsForThem() {
    byte[] columns = ColumnNames.encode(List.of());
    ByteBuffer body = BatchGetRequest.encode("t", 0, 0, 1, List.of(bytes(3)), columns);
    assertThat(BatchGetRequest.decode(body, BatchGetRequest.COLUMNS).columns()).isEmpty();
    assertThat(codeOf(() -> BatchGetRequest.decode(body, 0))).isEqualTo(ErrorCode.PROTOCOL);
  }

  @Test
  void refusesBatchesBeyondTheLimits() {
    List<byte[]> tooMany = Collections.nCopies(Limits.MAX_BATCH_KEYS + 1, bytes(1));
    assertThat(codeOf(() -> BatchGetRequest.encode("t", 0, 0, 1, tooMany)))
        .isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(codeOf(() -> BatchGetRequest.encode("t", 0, 0, 1, List.of(bytes(501)))))
        .isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(codeOf(() -> BatchGetRequest.encode("t", 0, 0, 1, List.of(bytes(0)))))
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(codeOf(() -> BatchGetRequest.encode("/etc", 0, 0, 1, List.of())))
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    ByteBuffer good = BatchGetRequest.encode("t", 0, 0, 1, List.of(bytes(3)));
    assertThat(codeOf(() -> BatchGetRequest.decode(changed(good, 0, 0))))
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    // Its count, and then the length of its key.
    int count = 4 + 8 + 8 + 2;
    assertThat(codeOf(() -> BatchGetRequest.decode(changed(good, count, 2))))
        .isEqualTo(ErrorCode.PROTOCOL);
    assertThat(codeOf(() -> BatchGetRequest.decode(changed(good, count, 10_001))))
        .isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(codeOf(() -> BatchGetRequest.decode(changed(good, count, -1))))
        .isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(codeOf(() -> BatchGetRequest.decode(changed(good, count + 4, 600))))
        .isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(codeOf(() -> BatchGetRequest.decode(changed(good, count + 4, 4))))
        .isEqualTo(ErrorCode.PROTOCOL);
    assertThat(codeOf(() -> BatchGetRequest.decode(changed(good, count + 4, 2))))
        .isEqualTo(ErrorCode.PROTOCOL);
  }

  private static ByteBuffer changed(ByteBuffer good, int offset, int value) {
    byte[] copy = new byte[good.limit()];
    good.get(0, copy);
    ByteBuffer bytes = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
    if (offset > 14) {
      bytes.putShort(offset, (short) value);
    } else {
      bytes.putInt(offset, value);
    }
    return bytes;
  }

  @Test
  void batchValuesComeBack() {
    int count = 1000;
    ByteBuffer out = ByteBuffer.allocate(1 << 20);
    BatchValuesWriter writer = new BatchValuesWriter(out);
    writer.begin(77, 88, count);
    assertThat(out.position()).isEqualTo(BatchValuesWriter.HEADER_BYTES);
    List<Object> expected = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int before = out.position();
      switch (random.nextInt(4)) {
        case 0 -> {
          writer.absent();
          expected.add(ValueStatus.ABSENT);
          assertThat(out.position() - before).isEqualTo(BatchValuesWriter.ABSENT_BYTES);
        }
        case 1 -> {
          writer.deferred();
          expected.add(ValueStatus.DEFERRED);
          assertThat(out.position() - before).isEqualTo(BatchValuesWriter.DEFERRED_BYTES);
        }
        case 2 -> {
          writer.failed(ErrorCode.CORRUPT, "page " + i);
          expected.add("page " + i);
          assertThat(out.position() - before)
              .isEqualTo(BatchValuesWriter.FAILED_OVERHEAD_BYTES + ("page " + i).length());
        }
        default -> {
          byte[] value = bytes(random.nextInt(500));
          out.put(writer.found(value.length), value);
          expected.add(ByteBuffer.wrap(value));
          assertThat(out.position() - before)
              .isEqualTo(BatchValuesWriter.FOUND_OVERHEAD_BYTES + value.length);
        }
      }
    }
    BatchValues values = BatchValues.decode(out.flip());
    assertThat(values.version()).isEqualTo(77);
    assertThat(values.metadataIndex()).isEqualTo(88);
    assertThat(values.count()).isEqualTo(count);
    for (int i = 0; i < count; i++) {
      Object actual =
          switch (values.status(i)) {
            case ABSENT, DEFERRED -> values.status(i);
            case FAILED -> values.errorMessage(i);
            case FOUND -> values.value(i);
          };
      assertThat(actual).isEqualTo(expected.get(i));
    }
    int notFound = expected.indexOf(ValueStatus.ABSENT);
    assertThatThrownBy(() -> values.value(notFound)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void cutsTheMessageOfAFailedKey() {
    ByteBuffer out = ByteBuffer.allocate(2000);
    BatchValuesWriter writer = new BatchValuesWriter(out);
    writer.begin(1, 1, 1);
    writer.failed(ErrorCode.INTERNAL, "m".repeat(1000));
    assertThat(BatchValues.decode(out.flip()).errorMessage(0))
        .hasSize(BatchValuesWriter.MAX_FAILED_MESSAGE_BYTES);
  }

  @Test
  void scansComeBack() {
    byte[][] bounds = {null, new byte[0], bytes(1), bytes(Limits.MAX_KEY_BYTES)};
    for (byte[] from : bounds) {
      for (byte[] to : bounds) {
        ScanRequest request = new ScanRequest("t", 3, 9, 4095, 1, 10_000, 1, from, to == null, to);
        assertThat(ScanRequest.decode(request.encode()))
            .usingRecursiveComparison()
            .isEqualTo(request);
      }
    }
    List<ScanReply.Entry> entries = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      entries.add(new ScanReply.Entry(bytes(1 + random.nextInt(500)), bytes(random.nextInt(100))));
    }
    for (ScanReply reply :
        List.of(new ScanReply(9, true, entries), new ScanReply(9, false, List.of()))) {
      assertThat(ScanReply.decode(reply.encode())).usingRecursiveComparison().isEqualTo(reply);
    }
  }

  @Test
  void lowersAScansWishesToTheLimits() {
    ScanRequest greedy =
        new ScanRequest("t", 0, 0, 0, 1, Integer.MAX_VALUE, Integer.MAX_VALUE, null, false, null);
    assertThat(greedy.maxEntries()).isEqualTo(ScanRequest.MAX_PAGE_ENTRIES);
    assertThat(greedy.maxBytes()).isEqualTo(Limits.REPLY_SOFT_LIMIT_BYTES);
  }

  @Test
  void refusesAPageThatWouldNeverEnd() {
    ByteBuffer body = new ScanReply(9, true, List.of()).encode();
    assertThat(codeOf(() -> ScanReply.decode(body))).isEqualTo(ErrorCode.PROTOCOL);
  }
}
