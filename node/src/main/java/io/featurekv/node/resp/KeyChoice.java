package io.featurekv.node.resp;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.model.RowSchema;
import io.featurekv.node.serving.BatchReads;
import io.featurekv.node.serving.ServedTable;
import io.featurekv.node.serving.ServedVersion;
import io.featurekv.node.serving.ServingCatalog;
import io.featurekv.node.serving.ValueForm;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Tells of an argument which table and key it means, by one picture of the catalog and one read
 * time until it is told to look again. The last table is remembered: keys of the same one cost no
 * object. One connection's.
 */
final class KeyChoice {
  private static final byte[] NOTHING = {};

  private final BatchReads reads;
  private final Session session;
  private ServingCatalog.@Nullable Picture picture;
  private long readTimeMillis;
  private byte[] prefix = NOTHING;
  private @Nullable String table;
  private @Nullable ServedVersion version;
  private @Nullable ValueForm form;
  private int prefixBytes;
  private String error = "";

  KeyChoice(BatchReads reads, Session session) {
    this.reads = reads;
    this.session = session;
  }

  /** What is read from now on is of this moment. */
  @SuppressWarnings("ReferenceEquality") // of the same picture, not of an equal one
  void look() {
    ServingCatalog.Picture now = reads.picture();
    if (now != picture) {
      picture = now;
      forget();
    }
    readTimeMillis = reads.readTimeMillis();
  }

  private void forget() {
    table = null;
    version = null;
    form = null;
    prefix = NOTHING;
  }

  ServingCatalog.Picture picture() {
    ServingCatalog.Picture seen = picture;
    if (seen == null) {
      throw new IllegalStateException("nothing was looked at");
    }
    return seen;
  }

  long readTimeMillis() {
    return readTimeMillis;
  }

  /** Name of the table that was chosen last. */
  String table() {
    return String.valueOf(table);
  }

  /** Its version that is read. */
  ServedVersion version() {
    ServedVersion chosen = version;
    if (chosen == null) {
      throw new IllegalStateException("no table was chosen");
    }
    return chosen;
  }

  /** What its values are read as: rows as JSON; null: as they are. */
  @Nullable ValueForm form() {
    return form;
  }

  /** Bytes of the argument before the key. */
  int prefixBytes() {
    return prefixBytes;
  }

  /** Why the argument was not understood. */
  String error() {
    return error;
  }

  /** Whether the argument is a key of the table that was chosen last. */
  boolean isOfSameTable(long address, int length) {
    if (version == null) {
      return false;
    }
    String fixed = session.table();
    if (fixed != null) {
      prefixBytes = 0;
      return fixed.equals(table) && isKey(length);
    }
    prefixBytes = prefix.length;
    return prefix.length > 0
        && NativeBytes.startsWith(address, length, prefix)
        && isKey(length - prefix.length);
  }

  private static boolean isKey(int length) {
    return length >= 1 && length <= Limits.MAX_KEY_BYTES;
  }

  /** Chooses the table and key of an argument; false where there is an {@link #error()}. */
  boolean choose(long address, int length) {
    if (isOfSameTable(address, length)) {
      return true;
    }
    String named = session.table();
    prefixBytes = 0;
    if (named == null) {
      named = tableIn(address, length);
      if (named == null) {
        error =
            "ERR no table in the key: in this database keys are <table>/<key>, or SELECT a table";
        return false;
      }
      prefixBytes = named.length() + 1;
    }
    int keyBytes = length - prefixBytes;
    if (!isKey(keyBytes)) {
      error = "ERR a key has 1 to " + Limits.MAX_KEY_BYTES + " bytes, this one has " + keyBytes;
      return false;
    }
    try {
      ServedTable served = picture().tableFor(named);
      version = served.versionFor(0);
      RowSchema schema = served.schema();
      form = schema == null ? null : new ValueForm.Json(schema);
      table = named;
      prefix = prefixBytes == 0 ? NOTHING : (named + "/").getBytes(StandardCharsets.US_ASCII);
      return true;
    } catch (FeatureKvException e) {
      forget();
      error = ReplyBuilder.errorText(e);
      return false;
    }
  }

  private static @Nullable String tableIn(long address, int length) {
    int end = 0;
    while (end < length && NativeBytes.get(address + end) != '/') {
      end++;
    }
    // ISO 8859-1: as many characters as bytes, whatever they are.
    return end == length || end > Limits.MAX_KEY_BYTES
        ? null
        : new String(NativeBytes.copyOf(address, end), StandardCharsets.ISO_8859_1);
  }
}
