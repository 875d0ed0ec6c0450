package io.featurekv.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Some keys of a file. */
final class KeySample {
  private KeySample() {}

  /** Every key with a value. */
  static List<byte[]> all(EntryCursor cursor) {
    List<byte[]> keys = new ArrayList<>();
    for (boolean has = cursor.first(); has; has = cursor.next()) {
      if (!cursor.isTombstone()) {
        keys.add(keyOf(cursor));
      }
    }
    return keys;
  }

  /** Keys with a value at as many places, as far as they are different ones. */
  static List<byte[]> spread(EntryCursor cursor, int places) {
    List<byte[]> keys = new ArrayList<>(places);
    byte[] last = {};
    for (int place = 0; place < places; place++) {
      if (cursor.at((double) place / places) && !cursor.isTombstone()) {
        byte[] key = keyOf(cursor);
        // Places come in the file's order, so that equal keys come one after the other.
        if (!Arrays.equals(key, last)) {
          keys.add(key);
          last = key;
        }
      }
    }
    return keys;
  }

  private static byte[] keyOf(EntryCursor cursor) {
    byte[] key = new byte[cursor.keyLength()];
    NativeMemory.copy(cursor.keyAddress(), key, 0, key.length);
    return key;
  }
}
