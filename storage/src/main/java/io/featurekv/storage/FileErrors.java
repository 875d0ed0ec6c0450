package io.featurekv.storage;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.lmdbjava.LmdbException;
import org.lmdbjava.LmdbNativeException;

/** Turns what the operating system and LMDB say into errors that name the file. */
final class FileErrors {
  private static final int EIO = 5;
  private static final int ENOSPC = 28;
  private static final int EDQUOT = 122;

  /** A write that fails with less room than this failed for want of room, whatever it said. */
  private static final long NO_ROOM_BYTES = 1 << 20;

  private FileErrors() {}

  static FeatureKvException corrupt(Path file, String what) {
    return new FeatureKvException(ErrorCode.CORRUPT, file + " is damaged: " + what);
  }

  static FeatureKvException onRead(Path file, IOException e) {
    if (e instanceof NoSuchFileException) {
      return new FeatureKvException(ErrorCode.NOT_FOUND, file + ": no such file", e);
    }
    return new FeatureKvException(
        ErrorCode.CORRUPT, file + " cannot be read: " + e.getMessage(), e);
  }

  static FeatureKvException onWrite(Path file, IOException e) {
    String text = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    boolean isFull = text.contains("no space left") || text.contains("quota");
    return isFull ? noSpace(file, e) : internal(file, e);
  }

  static FeatureKvException onWrite(Path file, LmdbException e) {
    int code = e instanceof LmdbNativeException known ? known.getResultCode() : 0;
    // LMDB reports a write that was cut short by a full disk as EIO.
    boolean isFull = code == ENOSPC || code == EDQUOT || (code == EIO && hasNoRoom(file));
    return isFull ? noSpace(file, e) : internal(file, e);
  }

  private static FeatureKvException noSpace(Path file, Exception e) {
    return new FeatureKvException(
        ErrorCode.NO_SPACE, "no space left to write " + file + ": " + e.getMessage(), e);
  }

  private static FeatureKvException internal(Path file, Exception e) {
    return new FeatureKvException(
        ErrorCode.INTERNAL, file + " cannot be written: " + e.getMessage(), e);
  }

  private static boolean hasNoRoom(Path file) {
    try {
      return Files.getFileStore(file).getUsableSpace() < NO_ROOM_BYTES;
    } catch (IOException e) {
      return false;
    }
  }
}
