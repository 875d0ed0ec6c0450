package io.featurekv.loader.row;

import io.featurekv.model.RowText;
import java.nio.charset.StandardCharsets;

/**
 * Floating-point numbers of decimals in ASCII, the nearest ones. Short decimals without an exponent
 * are an exact division, so that they cost no object (W. D. Clinger, How to Read Floating Point
 * Numbers Accurately, 1990); all others go to the JDK. Not thread-safe.
 */
final class DecimalText {
  /** So many digits always fit into a long. */
  private static final int MAX_DIGITS = 18;

  private static final long EXACT_IN_DOUBLE = 1L << 53;
  private static final long EXACT_IN_FLOAT = 1L << 24;

  /** Powers of ten that a double holds exactly. */
  private static final double[] DOUBLE_POWERS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18
  };

  /** Powers of ten that a float holds exactly. */
  private static final float[] FLOAT_POWERS = {
    1e0f, 1e1f, 1e2f, 1e3f, 1e4f, 1e5f, 1e6f, 1e7f, 1e8f, 1e9f, 1e10f
  };

  private boolean isNegative;
  private long digits;
  private int fraction;

  /**
   * The double that is nearest.
   *
   * @throws NumberFormatException for what is no decimal, or beyond a double
   */
  double toDouble(byte[] text, int from, int end) {
    if (isShort(text, from, end) && digits <= EXACT_IN_DOUBLE) {
      double value = (double) digits / DOUBLE_POWERS[fraction];
      return isNegative ? -value : value;
    }
    return RowText.float64(of(text, from, end));
  }

  /**
   * The float that is nearest.
   *
   * @throws NumberFormatException for what is no decimal, or beyond a float
   */
  float toFloat(byte[] text, int from, int end) {
    if (isShort(text, from, end) && digits <= EXACT_IN_FLOAT && fraction < FLOAT_POWERS.length) {
      float value = (float) digits / FLOAT_POWERS[fraction];
      return isNegative ? -value : value;
    }
    return RowText.float32(of(text, from, end));
  }

  private static String of(byte[] text, int from, int end) {
    return new String(text, from, end - from, StandardCharsets.UTF_8);
  }

  /** Reads a decimal of few digits without an exponent; false for all others. */
  private boolean isShort(byte[] text, int from, int end) {
    int at = from;
    isNegative = at < end && text[at] == '-';
    at += isNegative ? 1 : 0;
    if (at == end || end - at > MAX_DIGITS) {
      return false;
    }
    digits = 0;
    int point = -1;
    for (int i = at; i < end; i++) {
      int digit = text[i] - '0';
      if (digit >= 0 && digit <= 9) {
        digits = digits * 10 + digit;
      } else if (text[i] == '.' && point < 0) {
        point = i;
      } else {
        return false;
      }
    }
    fraction = point < 0 ? 0 : end - point - 1;
    // A point with nothing beside it is no number.
    return point < 0 || end - at > 1;
  }
}
