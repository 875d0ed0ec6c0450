package io.featurekv.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What a frame is. Types up to 15 are the client protocol; the others are spoken between nodes and
 * tools of one release and may change with any release.
 */
public enum FrameType {
  /** First frame of a connection: {@link Hello}. */
  HELLO(1),
  /** Its answer: {@link HelloReply}. */
  HELLO_OK(2),
  /** The answer to any request that failed: {@link ErrorReply}. */
  ERROR(3),
  /** Empty; keeps a connection alive and proves that the other side is there. */
  PING(4),
  /** Empty; the answer to PING. */
  PONG(5),
  /** {@link BatchGetRequest}. */
  BATCH_GET(6),
  /** {@link BatchValues}. */
  BATCH_VALUES(7),
  /** {@link ScanRequest}. */
  SCAN(8),
  /** {@link ScanReply}. */
  SCAN_PAGE(9),
  /** Protobuf {@code RoutingRequest}; answered by a stream of ROUTING. */
  WATCH_ROUTING(10),
  /** Protobuf {@code Routing}. */
  ROUTING(11),
  /** Empty; ends the stream with this request id. Has no answer. */
  CANCEL(12),

  /** A metadata command. */
  PROPOSE(16),
  /** The result of a metadata command. */
  PROPOSED(17),
  /** Asks for the metadata. */
  READ_METADATA(18),
  /** The metadata. */
  METADATA(19),
  /** Asks for the metadata and its changes. */
  WATCH_METADATA(20),
  /** A snapshot or change of the metadata. */
  METADATA_CHANGE(21),
  /** A node tells the leader that it lives. */
  HEARTBEAT(22),
  /** The answer to HEARTBEAT. */
  HEARTBEAT_OK(23),
  /** Asks for the piece list of a shard file. */
  GET_PIECES(24),
  /** A piece list. */
  PIECES(25),
  /** Asks for one piece of a shard file. */
  GET_PIECE(26),
  /** One piece. */
  PIECE(27),
  /** Offers a shard file to a node. */
  OFFER_FILE(28),
  /** What of an offered file is still missing. */
  OFFERED(29),
  /** One piece of an offered file. */
  PUT_PIECE(30),
  /** The piece is verified and kept. */
  PIECE_STORED(31),
  /** Asks to complete an offered file. */
  COMMIT_FILE(32),
  /** The file is complete and durable. */
  FILE_COMMITTED(33),
  /** A builder asks another one for what its sorted runs have of a shard. */
  GET_RUNS(34),
  /** Where in which runs it is. */
  RUNS(35),
  /** Asks for some bytes of a sorted run. */
  GET_RUN_PART(36),
  /** Some bytes of a sorted run. */
  RUN_PART(37),
  /** Asks whether a node has a shard file open. */
  ASK_FILE(38),
  /** The digest of the file that is open, or nothing. */
  OPEN_FILE(39),
  /** Asks to take an offered file over from where it lies on the receiver's machine. */
  LINK_FILE(40),
  /** It has a second name now, and its pieces are yet to be proved. */
  FILE_LINKED(41),
  /** Asks to prove one piece of a file that was taken over. */
  PROVE_PIECE(42);

  private static final int LAST_OF_CLIENTS = 15;

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

  /** The number in the frame header. */
  public int code() {
    return code;
  }

  /** Whether it belongs to the client protocol; the others are not taken from a client. */
  public boolean isOfClients() {
    return code <= LAST_OF_CLIENTS;
  }

  /** The type with this number, or null when there is none. */
  public static @Nullable FrameType ofCode(int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }
}
