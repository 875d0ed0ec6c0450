package io.featurekv.storage;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the native parts of LMDB, jffi and zstd are unpacked: one directory of the user's own,
 * instead of the temporary directory, which may be mounted noexec and fills with what killed
 * processes leave.
 *
 * <p>The directory is {@code $XDG_CACHE_HOME/featurekv/native}, else {@code
 * <java.io.tmpdir>/featurekv-native-<user>}. System properties that are set already stay: {@code
 * lmdbjava.extract.dir}, {@code jffi.extract.dir}, {@code ZstdTempFolder}.
 */
public final class NativeLibraries {
  private static final Logger LOG = LoggerFactory.getLogger(NativeLibraries.class);
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");
  private static final String[] PROPERTIES = {
    "lmdbjava.extract.dir", "jffi.extract.dir", "ZstdTempFolder"
  };

  /**
   * What a killed process left is deleted at this age; one that starts now needs its own for a
   * moment only.
   */
  private static final long LEFTOVER_HOURS = 24;

  private static final boolean IS_PREPARED = prepareOnce();

  private NativeLibraries() {}

  /**
   * Sets the properties, once a process, before the first use of a native library; this package
   * calls it by itself. Any thread.
   */
  public static boolean prepare() {
    return IS_PREPARED;
  }

  private static boolean prepareOnce() {
    try {
      Path directory = ownDirectory();
      deleteLeftovers(directory);
      for (String property : PROPERTIES) {
        if (System.getProperty(property) == null) {
          System.setProperty(property, directory.toString());
        }
      }
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      LOG.info(
          "No directory for native libraries, they are unpacked to {}: {}",
          System.getProperty("java.io.tmpdir"),
          e.toString());
      return false;
    }
  }

  private static Path ownDirectory() throws IOException {
    String cacheHome = System.getenv("XDG_CACHE_HOME");
    if (cacheHome != null && Path.of(cacheHome).isAbsolute()) {
      Path parent = Files.createDirectories(Path.of(cacheHome, "featurekv"));
      return createdOrOwned(parent.resolve("native"));
    }
    String user = System.getProperty("user.name", "").replaceAll("[^A-Za-z0-9_-]", "_");
    return createdOrOwned(
        Path.of(System.getProperty("java.io.tmpdir"), "featurekv-native-" + user));
  }

  /** A directory that others may write to would let them choose the code that we load. */
  private static Path createdOrOwned(Path directory) throws IOException {
    try {
      return Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    } catch (FileAlreadyExistsException e) {
      PosixFileAttributes attributes =
          Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      String owner = attributes.owner().getName();
      boolean isOwned =
          attributes.isDirectory()
              && owner.equals(System.getProperty("user.name"))
              && OWNER_ONLY.containsAll(attributes.permissions());
      if (!isOwned) {
        throw new IOException(
            directory
                + ": expected a directory of this user with mode 0700, found "
                + owner
                + " "
                + PosixFilePermissions.toString(attributes.permissions()),
            e);
      }
      return directory;
    }
  }

  private static void deleteLeftovers(Path directory) throws IOException {
    Instant oldest = Instant.now().minus(LEFTOVER_HOURS, ChronoUnit.HOURS);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        try {
          if (Files.getLastModifiedTime(file).toInstant().isBefore(oldest)) {
            Files.deleteIfExists(file);
          }
        } catch (IOException e) {
          LOG.debug("Left {} alone: {}", file, e.toString());
        }
      }
    }
  }
}
