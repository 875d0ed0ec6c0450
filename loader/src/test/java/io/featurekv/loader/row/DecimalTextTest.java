package io.featurekv.loader.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DecimalTextTest {
  private static final int ROUNDS = 50_000;

  private final DecimalText decimals = new DecimalText();

  @Test
  void givesTheNumbersThatTheJdkGives() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      String text = decimal(random);
      byte[] bytes = ("x" + text + "9").getBytes(StandardCharsets.UTF_8);
      int end = bytes.length - 1;
      String what = "seed " + seed + ": " + text;
      assertThat(Float.floatToRawIntBits(decimals.toFloat(bytes, 1, end)))
          .as(what)
          .isEqualTo(Float.floatToRawIntBits(Float.parseFloat(text)));
      assertThat(Double.doubleToRawLongBits(decimals.toDouble(bytes, 1, end)))
          .as(what)
          .isEqualTo(Double.doubleToRawLongBits(Double.parseDouble(text)));
    }
  }

  private static String decimal(Random random) {
    StringBuilder text = new StringBuilder(random.nextInt(3) == 0 ? "-" : "");
    for (int digits = 1 + random.nextInt(9); digits > 0; digits--) {
      text.append(random.nextInt(10));
    }
    if (random.nextInt(4) > 0) {
      text.append('.');
      for (int digits = random.nextInt(13); digits > 0; digits--) {
        text.append(random.nextInt(10));
      }
    }
    return random.nextInt(8) == 0 ? text + "e" + (random.nextInt(20) - 10) : text.toString();
  }

  @Test
  void refusesWhatIsNoDecimal() {
    for (String text : new String[] {"", "-", ".", "-.", "1.2.3", "1f", "0x1", "1e", "e1", " 1"}) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> decimals.toFloat(bytes, 0, bytes.length))
          .as(text)
          .isInstanceOf(NumberFormatException.class);
      assertThatThrownBy(() -> decimals.toDouble(bytes, 0, bytes.length))
          .as(text)
          .isInstanceOf(NumberFormatException.class);
    }
  }
}
