package io.featurekv.protocol;

import org.jspecify.annotations.Nullable;

/** What a frame is; the codes never change. */
public enum FrameType {
  HELLO(1),
  HELLO_OK(2),
  ERROR(3),
  PING(4),
  PONG(5),
  BATCH_GET(6),
  BATCH_VALUES(7),
  SCAN(8),
  SCAN_PAGE(9),
  WATCH_ROUTING(10),
  ROUTING(11),
  CANCEL(12),

  // Between nodes and tools of one release.
  PROPOSE(16),
  PROPOSED(17),
  READ_METADATA(18),
  METADATA(19),
  WATCH_METADATA(20),
  METADATA_CHANGE(21),
  HEARTBEAT(22),
  HEARTBEAT_OK(23),
  GET_PIECES(24),
  PIECES(25),
  GET_PIECE(26),
  PIECE(27),
  OFFER_FILE(28),
  OFFERED(29),
  PUT_PIECE(30),
  PIECE_STORED(31),
  COMMIT_FILE(32),
  FILE_COMMITTED(33);

  private static final @Nullable FrameType[] BY_CODE = new @Nullable FrameType[256];

  static {
    for (FrameType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final int code;

  FrameType(int code) {
    this.code = code;
  }

  /** The byte on the wire. */
  public int code() {
    return code;
  }

  /** The type of a byte on the wire, null for one that this release does not know. */
  public static @Nullable FrameType ofCode(int code) {
    return code < 0 || code >= BY_CODE.length ? null : BY_CODE[code];
  }
}
