package io.featurekv.protocol;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.model.TableName;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the next entries of one shard, in the order of their keys as unsigned bytes.
 *
 * <pre>
 * u32 timeoutMillis | u64 version | u64 readTimeMillis | u32 shard | u32 maxEntries
 *   | u32 maxBytes | u8 bits | u8 n, table | [u16 n, from] | [u16 n, to]
 *   | [columns, see {@link ColumnNames}]
 * </pre>
 *
 * Bits: 1 {@code from} is there, 2 {@code from} itself belongs to the range, 4 {@code to} is there,
 * 8 {@code columns} are there. Flag bit 0 of the frame is {@link #NO_FORWARD}.
 *
 * @param version 0: the active one
 * @param readTimeMillis the time by which entries have expired or not, since 1970; 0: the node's
 *     read time
 * @param shard 0 until the version's shard count
 * @param timeoutMillis how long the client waits; 1 or more
 * @param maxEntries most entries in the reply; at most {@link #MAX_PAGE_ENTRIES} are used
 * @param maxBytes the reply stops before the entry that would make keys and values together longer,
 *     but has one entry at least; at most {@link Limits#REPLY_SOFT_LIMIT_BYTES} are used
 * @param from where the range starts; null: at the first key
 * @param fromInclusive whether {@code from} itself belongs to it
 * @param to the key before which the range ends; null: after the last key
 * @param columns names of the columns to return, none: all; null: values as they are
 */
public record ScanRequest(
    String table,
    long version,
    long readTimeMillis,
    int shard,
    int timeoutMillis,
    int maxEntries,
    int maxBytes,
    byte @Nullable [] from,
    boolean fromInclusive,
    byte @Nullable [] to,
    @Nullable List<String> columns) {
  /** Frame flag: answer from this node or fail, do not ask another node. */
  public static final int NO_FORWARD = 1;

  /** Most entries in one page. */
  public static final int MAX_PAGE_ENTRIES = 10_000;

  private static final byte[] NONE = {};
  private static final int HAS_FROM = 1;
  private static final int FROM_INCLUSIVE = 2;
  private static final int HAS_TO = 4;
  private static final int HAS_COLUMNS = 8;
  private static final int KNOWN_BITS = HAS_FROM | FROM_INCLUSIVE | HAS_TO | HAS_COLUMNS;

  /** Of values as they are. */
  public ScanRequest(
      String table,
      long version,
      long readTimeMillis,
      int shard,
      int timeoutMillis,
      int maxEntries,
      int maxBytes,
      byte @Nullable [] from,
      boolean fromInclusive,
      byte @Nullable [] to) {
    this(
        table,
        version,
        readTimeMillis,
        shard,
        timeoutMillis,
        maxEntries,
        maxBytes,
        from,
        fromInclusive,
        to,
        null);
  }

  public ScanRequest {
    TableName.checked("table", table);
    if (shard < 0 || shard >= Limits.MAX_SHARDS) {
      throw invalid("shard " + shard + " is not in 0.." + (Limits.MAX_SHARDS - 1));
    }
    BatchGetRequest.checkReadTime(readTimeMillis);
    if (timeoutMillis < 1 || maxEntries < 1 || maxBytes < 1) {
      throw invalid(
          "timeoutMillis %d, maxEntries %d and maxBytes %d must be 1 or more"
              .formatted(timeoutMillis, maxEntries, maxBytes));
    }
    maxEntries = Math.min(maxEntries, MAX_PAGE_ENTRIES);
    maxBytes = Math.min(maxBytes, Limits.REPLY_SOFT_LIMIT_BYTES);
    checkBound("from", from);
    checkBound("to", to);
    columns = columns == null ? null : List.copyOf(columns);
  }

  /** The same page of a definite version at a definite time. */
  public ScanRequest pinnedTo(long pinnedVersion, long pinnedReadTimeMillis) {
    return new ScanRequest(
        table,
        pinnedVersion,
        pinnedReadTimeMillis,
        shard,
        timeoutMillis,
        maxEntries,
        maxBytes,
        from,
        fromInclusive,
        to,
        columns);
  }

  /** The same page, waited for so long. */
  public ScanRequest withTimeout(int newTimeoutMillis) {
    return new ScanRequest(
        table,
        version,
        readTimeMillis,
        shard,
        newTimeoutMillis,
        maxEntries,
        maxBytes,
        from,
        fromInclusive,
        to,
        columns);
  }

  /** The same page of another shard. */
  public ScanRequest ofShard(int newShard) {
    return new ScanRequest(
        table,
        version,
        readTimeMillis,
        newShard,
        timeoutMillis,
        maxEntries,
        maxBytes,
        from,
        fromInclusive,
        to,
        columns);
  }

  /** The page behind a key. */
  public ScanRequest after(byte[] key) {
    return new ScanRequest(
        table,
        version,
        readTimeMillis,
        shard,
        timeoutMillis,
        maxEntries,
        maxBytes,
        key,
        false,
        to,
        columns);
  }

  private static void checkBound(String what, byte @Nullable [] bound) {
    if (bound != null && bound.length > Limits.MAX_KEY_BYTES) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "%s has %d bytes, at most %d are allowed"
              .formatted(what, bound.length, Limits.MAX_KEY_BYTES));
    }
  }

  private static FeatureKvException invalid(String message) {
    return new FeatureKvException(ErrorCode.INVALID_ARGUMENT, message);
  }

  /** The body of a SCAN frame. */
  public ByteBuffer encode() {
    byte[] name = Fields.shortTextBytes(table, "table");
    int fromBytes = from == null ? 0 : 2 + from.length;
    int toBytes = to == null ? 0 : 2 + to.length;
    byte[] names = columns == null ? NONE : ColumnNames.encode(columns);
    ByteBuffer out = Fields.allocate(33 + 1 + name.length + fromBytes + toBytes + names.length);
    int bits =
        (from == null ? 0 : HAS_FROM)
            | (fromInclusive ? FROM_INCLUSIVE : 0)
            | (to == null ? 0 : HAS_TO)
            | (columns == null ? 0 : HAS_COLUMNS);
    out.putInt(timeoutMillis)
        .putLong(version)
        .putLong(readTimeMillis)
        .putInt(shard)
        .putInt(maxEntries)
        .putInt(maxBytes)
        .put((byte) bits);
    Fields.putShortText(out, name);
    if (from != null) {
      out.putShort((short) from.length).put(from);
    }
    if (to != null) {
      out.putShort((short) to.length).put(to);
    }
    return out.put(names).flip();
  }

  /**
   * Reads the body of a SCAN frame.
   *
   * @throws FeatureKvException PROTOCOL when the bytes do not add up, INVALID_ARGUMENT or TOO_LARGE
   *     when a field is beyond its limits
   */
  public static ScanRequest decode(ByteBuffer body) {
    ByteBuffer in = Fields.littleEndian(body);
    int timeoutMillis = Fields.u32(in, "SCAN timeoutMillis");
    long version = Fields.u64(in, "SCAN version");
    long readTimeMillis = Fields.u64(in, "SCAN readTimeMillis");
    int shard = Fields.u32(in, "SCAN shard");
    int maxEntries = Fields.u32(in, "SCAN maxEntries");
    int maxBytes = Fields.u32(in, "SCAN maxBytes");
    int bits = Fields.u8(in, "SCAN bits");
    if ((bits & ~KNOWN_BITS) != 0) {
      throw Fields.malformed("SCAN bits 0x%02x are not known here".formatted(bits));
    }
    String table = Fields.shortText(in, "SCAN table");
    byte[] from = (bits & HAS_FROM) == 0 ? null : bound(in, "SCAN from");
    byte[] to = (bits & HAS_TO) == 0 ? null : bound(in, "SCAN to");
    List<String> columns = (bits & HAS_COLUMNS) == 0 ? null : ColumnNames.decode(in);
    Fields.end(in, "SCAN");
    boolean fromInclusive = (bits & FROM_INCLUSIVE) != 0;
    return new ScanRequest(
        table,
        version,
        readTimeMillis,
        shard,
        timeoutMillis,
        maxEntries,
        maxBytes,
        from,
        fromInclusive,
        to,
        columns);
  }

  private static byte[] bound(ByteBuffer in, String what) {
    return Fields.bytes(in, Fields.u16(in, what), what);
  }
}
