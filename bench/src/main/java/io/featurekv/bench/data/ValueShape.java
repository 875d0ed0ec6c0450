package io.featurekv.bench.data;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** What values look like; each is a function of a value id. All have a mean of 100 bytes. */
public enum ValueShape {
  /** 100 incompressible bytes: the values of the standard data set. */
  FIXED {
    @Override
    public int write(long valueId, byte[] target) {
      writeWords(valueId, target, MEAN_BYTES);
      return MEAN_BYTES;
    }
  },

  /** 50 to 150 incompressible bytes, every length as likely as the others. */
  VARIED {
    @Override
    public int write(long valueId, byte[] target) {
      int length = 50 + (int) Long.remainderUnsigned(StandardKeys.mix64(valueId), 101);
      writeWords(valueId, target, length);
      return length;
    }
  },

  /**
   * 25 floats of 4 bytes, each one of the 64 values that its column knows: one of the first four
   * with a probability of a half, one of the next four with a quarter, and so on.
   */
  COLUMNS {
    @Override
    public int write(long valueId, byte[] target) {
      long state = valueId;
      for (int column = 0; column < FLOATS; column++) {
        state = StandardKeys.mix64(state + column * 7919L + 1);
        int skewed = Long.numberOfTrailingZeros(state | Long.MIN_VALUE) * 4 + (int) (state >>> 62);
        FLOAT.set(target, column * Float.BYTES, COLUMN_VALUES[column][Math.min(63, skewed)]);
      }
      return FLOATS * Float.BYTES;
    }
  };

  /** Room that {@link #write} may need. */
  public static final int MAX_BYTES = 160;

  /** Mean length. */
  public static final int MEAN_BYTES = 100;

  private static final int FLOATS = 25;
  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle FLOAT =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
  private static final float[][] COLUMN_VALUES = columnValues();

  /**
   * Writes a value to the first bytes of an array of {@value #MAX_BYTES}, of which those behind the
   * value may change too.
   *
   * @return its length
   */
  public abstract int write(long valueId, byte[] target);

  private static void writeWords(long valueId, byte[] target, int length) {
    long word = valueId;
    for (int at = 0; at < length; at += Long.BYTES) {
      word += StandardKeys.GAMMA;
      WORD.set(target, at, StandardKeys.mix64(word));
    }
  }

  private static float[][] columnValues() {
    SplittableRandom random = new SplittableRandom(1);
    float[][] values = new float[FLOATS][64];
    for (float[] column : values) {
      for (int i = 1; i < column.length; i++) {
        column[i] = Math.round(random.nextGaussian() * 1000) / 1000f;
      }
    }
    return values;
  }
}
