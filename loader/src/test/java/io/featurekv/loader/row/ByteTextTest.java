package io.featurekv.loader.row;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Text as bytes is what the JDK says it is. */
class ByteTextTest {
  private static final int ROUNDS = 100_000;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  ByteTextTest() {
    System.out.println("seed " + seed);
  }

  @Test
  void knowsUtf8AsTheJdkDoes() {
    int valid = 0;
    for (int i = 0; i < ROUNDS; i++) {
      byte[] bytes = i % 2 == 0 ? damagedText() : hardBytes();
      int offset = random.nextInt(bytes.length + 1);
      int length = random.nextInt(bytes.length - offset + 1);
      boolean expected = isValidUtf8(bytes, offset, length);
      valid += expected ? 1 : 0;
      assertThat(Utf8Text.isValid(bytes, offset, length))
          .as(
              "seed %d: %s",
              seed, Arrays.toString(Arrays.copyOfRange(bytes, offset, offset + length)))
          .isEqualTo(expected);
    }
    assertThat(valid).as("seed %d", seed).isBetween(ROUNDS / 100, ROUNDS - ROUNDS / 100);
  }

  private byte[] damagedText() {
    StringBuilder text = new StringBuilder();
    int points = random.nextInt(12);
    for (int i = 0; i < points; i++) {
      int bits = 1 + random.nextInt(20);
      int point = random.nextInt(1 << bits);
      text.appendCodePoint(point >= 0xD800 && point <= 0xDFFF ? 'x' : point);
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 0 && random.nextInt(3) == 0) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return bytes;
  }

  /** Bytes at the borders of what may lead and follow. */
  private byte[] hardBytes() {
    int[] borders = {
      0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC,
      0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF
    };
    byte[] bytes = new byte[1 + random.nextInt(5)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) borders[random.nextInt(borders.length)];
    }
    return bytes;
  }

  private static boolean isValidUtf8(byte[] bytes, int offset, int length) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, offset, length));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  @Test
  void writesNumbersInDecimal() {
    ByteSink sink = new ByteSink();
    for (long edge = 1; edge > 0; edge *= 10) {
      for (long number : new long[] {edge - 1, edge, edge + 1, -edge, 1 - edge}) {
        assertDecimal(sink, number);
      }
      if (edge > Long.MAX_VALUE / 10) {
        break;
      }
    }
    assertDecimal(sink, Long.MAX_VALUE);
    assertDecimal(sink, Long.MIN_VALUE);
    assertDecimal(sink, Long.MIN_VALUE + 1);
    for (int i = 0; i < 10_000; i++) {
      assertDecimal(sink, random.nextLong() >> random.nextInt(64));
    }
  }

  private void assertDecimal(ByteSink sink, long number) {
    sink.reset();
    sink.putDecimal(number);
    assertThat(sink.text()).as("seed %d", seed).isEqualTo(Long.toString(number));
  }

  @Test
  void writesJsonStringsOfBytesAsOfText() {
    ByteSink ofText = new ByteSink();
    ByteSink ofBytes = new ByteSink();
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      int points = random.nextInt(30);
      for (int j = 0; j < points; j++) {
        text.appendCodePoint("ab\"\\\n\u0000\u001F \u007Fé€".charAt(random.nextInt(11)));
        text.append(random.nextInt(9) == 0 ? "😀" : "");
      }
      byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
      ofText.reset();
      ofBytes.reset();
      assertThat(ofText.putJsonString(text.toString())).isTrue();
      ofBytes.putJsonString(bytes, 0, bytes.length);
      assertThat(ofBytes.text()).as("seed %d", seed).isEqualTo(ofText.text());
    }
  }
}
