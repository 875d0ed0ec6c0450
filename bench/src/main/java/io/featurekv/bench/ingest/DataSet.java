package io.featurekv.bench.ingest;

import io.featurekv.model.TableKind;
import io.featurekv.storage.ShardFileSize;
import java.util.Locale;

/**
 * Input of the standard data set.
 *
 * @param format parquet or csv
 */
public record DataSet(int entries, int valueBytes, String format) {
  static final int KEY_BYTES = 16;
  private static final int MILLION = 1_000_000;
  private static final int THOUSAND = 1000;

  /** What an entry takes in another store besides its key and value, at most. */
  private static final int ENTRY_OVERHEAD_BYTES = 24;

  /** For tables: {@code 50M x 16+100 parquet}. */
  public String title() {
    return size() + " x " + KEY_BYTES + "+" + valueBytes + " " + format;
  }

  /** {@code 50M}. */
  public String size() {
    if (entries % MILLION == 0) {
      return entries / MILLION + "M";
    }
    return entries % THOUSAND == 0 ? entries / THOUSAND + "k" : Integer.toString(entries);
  }

  /** Bytes of all keys and values. */
  public long entryBytes() {
    return (long) entries * (KEY_BYTES + valueBytes);
  }

  /** Bytes of the input files, about. */
  public long inputBytes() {
    return format.equals("csv")
        ? (long) entries * (KEY_BYTES + 2 + (valueBytes + 2) / 3 * 4)
        : (long) entries * (KEY_BYTES + valueBytes + 2 * Integer.BYTES);
  }

  /** Bytes of one copy of a table of a kind, at most; sorted runs take less. */
  public long copyBytes(String kind) {
    return ShardFileSize.mostBytes(
        TableKind.valueOf(kind.toUpperCase(Locale.ROOT)), entries, KEY_BYTES, valueBytes);
  }

  /** Bytes of another store, at most. */
  public long peerBytes() {
    return entryBytes() + (long) entries * ENTRY_OVERHEAD_BYTES;
  }
}
