package io.featurekv.loader.source;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A file, or a pipe that has a name. A file is not to change between when it is found and when it
 * is read: its parts would not fit together.
 */
final class LocalFile implements Origin {
  private final Path path;
  private final boolean isRegular;
  private final long lengthBytes;
  private final long modifiedMillis;

  LocalFile(Path path) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    this.path = path;
    this.isRegular = attributes.isRegularFile();
    this.lengthBytes = isRegular ? attributes.size() : -1;
    this.modifiedMillis = attributes.lastModifiedTime().toMillis();
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public long lengthBytes() {
    return lengthBytes;
  }

  @Override
  public String identity() {
    return path.toAbsolutePath().normalize() + "|" + lengthBytes + "|" + modifiedMillis;
  }

  @Override
  public boolean isShared() {
    return isRegular;
  }

  @Override
  public boolean isSeekable() {
    return isRegular;
  }

  @Override
  public InputStream open(long from, long to) throws IOException {
    checkUnchanged();
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      if (from > 0) {
        channel.position(from);
      }
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return Channels.newInputStream(channel);
  }

  Path path() {
    return path;
  }

  /**
   * Checks that the file is the one that was found.
   *
   * @throws FeatureKvException INVALID_ARGUMENT where it is not
   */
  void checkUnchanged() throws IOException {
    if (!isRegular) {
      return;
    }
    BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
    if (now.size() != lengthBytes || now.lastModifiedTime().toMillis() != modifiedMillis) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          path
              + " has changed since the load began: it had "
              + lengthBytes
              + " bytes, now it has "
              + now.size()
              + "; load a file that stays as it is");
    }
  }
}
