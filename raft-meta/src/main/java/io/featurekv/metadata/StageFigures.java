package io.featurekv.metadata;

/**
 * How far one stage of a task is.
 *
 * @param entries rows or entries that are done
 * @param entriesTotal likewise in all; -1 when not known
 * @param bytes that were read, written or shipped
 * @param bytesTotal likewise in all; -1 when not known
 */
public record StageFigures(long entries, long entriesTotal, long bytes, long bytesTotal) {
  /** Nothing yet, and no telling of how much. */
  public static final StageFigures NONE = ofEntries(0, -1);

  /** Of a stage that counts entries alone. */
  public static StageFigures ofEntries(long entries, long entriesTotal) {
    return new StageFigures(entries, entriesTotal, 0, -1);
  }

  /** With so many entries. */
  public StageFigures withEntries(long newEntries, long newTotal) {
    return new StageFigures(newEntries, newTotal, bytes, bytesTotal);
  }

  /** With so many bytes. */
  public StageFigures withBytes(long newBytes, long newTotal) {
    return new StageFigures(entries, entriesTotal, newBytes, newTotal);
  }

  /** Once all is done that there was to do. */
  StageFigures whole() {
    return new StageFigures(
        Math.max(entries, entriesTotal), entriesTotal, Math.max(bytes, bytesTotal), bytesTotal);
  }
}
