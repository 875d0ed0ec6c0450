package io.featurekv.bench.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.bench.data.StandardKeys;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class WireTest {
  private static final long[] IDS = {StandardKeys.id(0), StandardKeys.id(1)};
  private static final String FIRST = key(0);
  private static final String SECOND = key(1);

  private static String key(long entry) {
    return new String(StandardKeys.key(StandardKeys.id(entry)), StandardCharsets.US_ASCII);
  }

  private static ByteBuffer request(Wire wire, int count) {
    ByteBuffer out = ByteBuffer.allocate(wire.requestBytes(count)).order(ByteOrder.LITTLE_ENDIAN);
    wire.encode(out, 7, IDS, count);
    return out.flip();
  }

  private static String text(Wire wire, int count) {
    return StandardCharsets.US_ASCII.decode(request(wire, count)).toString();
  }

  /** Hands a reply over byte by byte; the wire must say that it is complete at the last only. */
  private static void answer(Wire wire, byte[] reply) throws Exception {
    ByteBuffer in = ByteBuffer.allocate(reply.length).order(ByteOrder.LITTLE_ENDIAN);
    in.flip();
    for (int i = 0; i < reply.length; i++) {
      in.compact();
      in.put(reply[i]);
      in.flip();
      assertThat(wire.decode(in)).as("byte %d", i).isEqualTo(i == reply.length - 1);
    }
    assertThat(in.hasRemaining()).isFalse();
  }

  private static void answer(Wire wire, String reply) throws Exception {
    answer(wire, reply.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void speaksRedis() throws Exception {
    Wire many = new RespWire(false, 0);
    assertThat(text(many, 2))
        .isEqualTo("*3\r\n$4\r\nMGET\r\n$16\r\n" + FIRST + "\r\n$16\r\n" + SECOND + "\r\n");
    answer(many, "*2\r\n$3\r\nred\r\n$-1\r\n");
    assertThat(many.found()).isEqualTo(1);
    assertThat(many.valueBytes()).isEqualTo(3);
    Wire one = new RespWire(true, 0);
    assertThat(text(one, 1)).isEqualTo("*2\r\n$3\r\nGET\r\n$16\r\n" + FIRST + "\r\n");
    answer(one, "$-1\r\n");
    assertThat(one.found()).isZero();
    assertThatThrownBy(() -> answer(new RespWire(false, 0), "-ERR no\r\n"))
        .hasMessageContaining("-ERR no");
  }

  @Test
  void speaksMemcachedInBothForms() throws Exception {
    Wire get = new MemcachedWire(false);
    assertThat(text(get, 2)).isEqualTo("get " + FIRST + " " + SECOND + "\r\n");
    answer(get, "VALUE " + FIRST + " 0 3\r\nred\r\nEND\r\n");
    assertThat(get.found()).isEqualTo(1);
    assertThat(get.valueBytes()).isEqualTo(3);
    Wire meta = new MemcachedWire(true);
    assertThat(text(meta, 2)).isEqualTo("mg " + FIRST + " v q\r\nmg " + SECOND + " v q\r\nmn\r\n");
    answer(meta, "VA 3\r\nEND\r\nVA 4\r\nblue\r\nMN\r\n");
    assertThat(meta.found()).isEqualTo(2);
    assertThat(meta.valueBytes()).isEqualTo(7);
    assertThatThrownBy(() -> answer(new MemcachedWire(false), "SERVER_ERROR no\r\n"))
        .hasMessageContaining("SERVER_ERROR");
  }

  @Test
  void speaksFeatureKvAsItsPageHasIt() throws Exception {
    FeatureKvWire wire = new FeatureKvWire("users");
    byte[] request = new byte[wire.requestBytes(1)];
    request(wire, 1).get(request);
    assertThat(request).hasSize(12 + 30 + 18);
    assertThat(HexFormat.of().formatHex(request, 0, 44))
        .isEqualTo(
            "30000000"
                + "06000000"
                + "07000000"
                + "10270000"
                + "0000000000000000"
                + "0000000000000000"
                + "057573657273"
                + "01000000"
                + "1000");
    String found = "1d000000" + "07000000" + "07000000" + "0800000000000000" + "6712000000000000";
    answer(wire, HexFormat.of().parseHex(found + "02000000" + "0103000000726564" + "00"));
    assertThat(wire.found()).isEqualTo(1);
    assertThat(wire.request()).isEqualTo(7);
    assertThat(wire.version()).isEqualTo(8);
    assertThatThrownBy(
            () ->
                answer(
                    new FeatureKvWire("users"),
                    HexFormat.of().parseHex("0600000003000000090000000400" + "0200" + "6e6f")))
        .hasMessageContaining("code 4: no");
  }
}
