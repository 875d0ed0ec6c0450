package io.featurekv.client;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableName;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * A {@link Snapshot} as a text, to go on with it later, in another client or process: printable,
 * and safe in URLs. Whoever has it may read what it names; nothing in the cluster knows of it.
 *
 * <p>The text is {@code fks1.} and the base64url, without padding, of
 *
 * <pre>
 * u8 n, cluster id | u64 metadataIndex | u64 readTimeMillis | u16 count
 *   | count x (u8 n, table | u64 version), ascending by table | u32 CRC32C of all bytes before
 * </pre>
 *
 * little-endian. The {@code 1} is the format's version.
 *
 * @param clusterId the cluster that it is of
 * @param metadataIndex how new the metadata must be that it is read by
 * @param readTimeMillis the time by which entries have expired or not, in milliseconds since 1970
 * @param versions the version of each table, by its name; one table at least
 */
public record SnapshotToken(
    String clusterId,
    long metadataIndex,
    long readTimeMillis,
    NavigableMap<String, Long> versions) {
  /** Most tables of one snapshot. */
  public static final int MAX_TABLES = 1_000;

  private static final String FAMILY = "fks";
  private static final String PREFIX = FAMILY + "1.";
  private static final int MAX_TEXT = 200_000;
  private static final int CHECKSUM_BYTES = 4;

  public SnapshotToken {
    TableName.checked("cluster id", clusterId);
    versions = Collections.unmodifiableNavigableMap(new TreeMap<>(versions));
    if (versions.isEmpty() || versions.size() > MAX_TABLES) {
      throw invalid("a snapshot has 1 to %d tables, not %d".formatted(MAX_TABLES, versions.size()));
    }
    versions.keySet().forEach(table -> TableName.checked("table", table));
    if (metadataIndex < 0
        || readTimeMillis < 0
        || versions.values().stream().anyMatch(version -> version < 1)) {
      throw invalid("numbers of a snapshot must not be negative");
    }
  }

  /**
   * Reads the text of {@link #toString}.
   *
   * @throws FeatureKvException INVALID_ARGUMENT when it is none, or is damaged
   */
  public static SnapshotToken parse(String text) {
    if (!text.startsWith(PREFIX)) {
      throw invalid(
          text.startsWith(FAMILY)
              ? "the snapshot token is of a format that this release does not know"
              : "this is no snapshot token: it does not start with " + PREFIX);
    }
    if (text.length() > MAX_TEXT) {
      throw invalid("the snapshot token is longer than any can be");
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text.substring(PREFIX.length()));
    } catch (IllegalArgumentException e) {
      throw damaged("it is not base64url");
    }
    // Unused bits of the last character would make two texts of one token.
    if (!text.equals(PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes))) {
      throw damaged("it is not the base64url that it was made as");
    }
    int end = bytes.length - CHECKSUM_BYTES;
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (end < 0 || in.getInt(end) != checksum(bytes, end)) {
      throw damaged("its checksum does not match");
    }
    try {
      return decode(in.limit(end));
    } catch (java.nio.BufferUnderflowException e) {
      throw damaged("it ends too early");
    }
  }

  private static SnapshotToken decode(ByteBuffer in) {
    String clusterId = text(in);
    long metadataIndex = in.getLong();
    long readTimeMillis = in.getLong();
    int count = in.getShort() & 0xFFFF;
    NavigableMap<String, Long> versions = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      String table = text(in);
      versions.put(table, in.getLong());
    }
    if (in.hasRemaining() || versions.size() != count) {
      throw damaged("its parts do not add up");
    }
    return new SnapshotToken(clusterId, metadataIndex, readTimeMillis, versions);
  }

  private static String text(ByteBuffer in) {
    byte[] bytes = new byte[in.get() & 0xFF];
    in.get(bytes);
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  /** The text that {@link #parse} reads. */
  @Override
  public String toString() {
    int bytes = 1 + clusterId.length() + 8 + 8 + 2;
    for (String table : versions.keySet()) {
      bytes += 1 + table.length() + 8;
    }
    ByteBuffer out = ByteBuffer.allocate(bytes + CHECKSUM_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    putText(out, clusterId);
    out.putLong(metadataIndex).putLong(readTimeMillis).putShort((short) versions.size());
    for (Map.Entry<String, Long> entry : versions.entrySet()) {
      putText(out, entry.getKey());
      out.putLong(entry.getValue());
    }
    out.putInt(checksum(out.array(), bytes));
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(out.array());
  }

  private static void putText(ByteBuffer out, String text) {
    out.put((byte) text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static FeatureKvException damaged(String how) {
    return invalid("the snapshot token is damaged: " + how);
  }

  private static FeatureKvException invalid(String message) {
    return new FeatureKvException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
