package io.featurekv.protocol;

import io.featurekv.model.Limits;
import io.featurekv.model.RowSchema;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to {@link ScanRequest}.
 *
 * <pre>
 * u64 version | u8 more | u32 count | [shape, see {@link RowShape}]
 *   | count x (u16 n, key, u32 n, value)
 * </pre>
 *
 * The shape is there if the request asked for columns.
 *
 * @param version the version that every entry is of
 * @param more whether the range has entries after the last one here; then there is one at least
 * @param entries in ascending order of their keys as unsigned bytes
 * @param shape the columns that the values are rows of, as version 0; null: values as they are
 */
public record ScanReply(
    long version, boolean more, List<Entry> entries, @Nullable RowSchema shape) {
  /** What a reply has besides keys and values. */
  public static final int HEADER_BYTES = 13;

  /** What an entry has besides its key and its value. */
  public static final int ENTRY_OVERHEAD_BYTES = 6;

  private static final byte[] NONE = {};

  /** A key and its value. */
  public record Entry(byte[] key, byte[] value) {}

  /** Of values as they are. */
  public ScanReply(long version, boolean more, List<Entry> entries) {
    this(version, more, entries, null);
  }

  public ScanReply {
    entries = List.copyOf(entries);
  }

  /** The body of a SCAN_PAGE frame that answers a request for values as they are. */
  public ByteBuffer encode() {
    return encode(NONE);
  }

  /**
   * The body of a SCAN_PAGE frame.
   *
   * @param shapeBytes bytes of a {@link RowShape}; empty where no columns were asked for
   */
  public ByteBuffer encode(byte[] shapeBytes) {
    int bytes = HEADER_BYTES + shapeBytes.length;
    for (Entry entry : entries) {
      bytes = Math.addExact(bytes, ENTRY_OVERHEAD_BYTES + entry.key.length + entry.value.length);
    }
    ByteBuffer out = Fields.allocate(bytes);
    out.putLong(version).put((byte) (more ? 1 : 0)).putInt(entries.size()).put(shapeBytes);
    for (Entry entry : entries) {
      out.putShort((short) entry.key.length).put(entry.key);
      out.putInt(entry.value.length).put(entry.value);
    }
    return out.flip();
  }

  /** Reads the body of a SCAN_PAGE frame that answers a request for values as they are. */
  public static ScanReply decode(ByteBuffer body) {
    return decode(body, false);
  }

  /**
   * Reads the body of a SCAN_PAGE frame; keys and values are copies.
   *
   * @param hasShape whether the request asked for columns
   * @throws io.featurekv.model.FeatureKvException PROTOCOL when it is anything else
   */
  public static ScanReply decode(ByteBuffer body, boolean hasShape) {
    ByteBuffer in = Fields.littleEndian(body);
    long version = Fields.u64(in, "SCAN_PAGE version");
    int more = Fields.u8(in, "SCAN_PAGE more");
    int count = Fields.u32(in, "SCAN_PAGE count");
    if (more > 1 || (more == 1 && count == 0)) {
      throw Fields.malformed("SCAN_PAGE more is " + more + " with " + count + " entries");
    }
    RowSchema shape = hasShape ? RowShape.decode(in) : null;
    Fields.need(in, (long) count * (ENTRY_OVERHEAD_BYTES + 1), "SCAN_PAGE entries");
    List<Entry> entries = new ArrayList<>(Math.min(count, ScanRequest.MAX_PAGE_ENTRIES));
    for (int i = 0; i < count; i++) {
      int keyLength = Fields.u16(in, "SCAN_PAGE key length");
      if (keyLength == 0 || keyLength > Limits.MAX_KEY_BYTES) {
        throw Fields.malformed("SCAN_PAGE key " + i + " has " + keyLength + " bytes");
      }
      byte[] key = Fields.bytes(in, keyLength, "SCAN_PAGE key");
      int valueLength = Fields.u32(in, "SCAN_PAGE value length");
      entries.add(new Entry(key, Fields.bytes(in, valueLength, "SCAN_PAGE value")));
    }
    Fields.end(in, "SCAN_PAGE");
    return new ScanReply(version, more == 1, entries, shape);
  }
}
