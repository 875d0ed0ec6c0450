package io.featurekv.protocol;

import org.jspecify.annotations.Nullable;

/** What a reply says of one key. */
public enum ValueStatus {
  /** The version has no entry with this key. */
  ABSENT(0),
  /** The value follows. */
  FOUND(1),
  /** An error follows. */
  FAILED(2),
  /** The reply was full; ask for this key again. */
  DEFERRED(3);

  private final int code;

  ValueStatus(int code) {
    this.code = code;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }

  /** The status with this number, or null when there is none. */
  static @Nullable ValueStatus ofCode(int code) {
    return switch (code) {
      case 0 -> ABSENT;
      case 1 -> FOUND;
      case 2 -> FAILED;
      case 3 -> DEFERRED;
      default -> null;
    };
  }
}
