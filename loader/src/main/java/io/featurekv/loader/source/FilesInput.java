package io.featurekv.loader.source;

import io.featurekv.model.Digest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * Files that are entries: the key is the path below the directory with slashes, the value is the
 * content. Divided by files.
 */
final class FilesInput implements Input {
  /** What a file takes besides its content, so that many small ones are divided too. */
  private static final long FILE_BYTES = 4096;

  private final String address;
  private final Path directory;
  private final List<LocalFile> files;
  private final long maxValueBytes;

  /**
   * An input.
   *
   * @param files below the directory, in order
   * @param maxValueBytes a longer file is not read
   */
  FilesInput(String address, Path directory, List<LocalFile> files, long maxValueBytes) {
    this.address = address;
    this.directory = directory;
    this.files = List.copyOf(files);
    this.maxValueBytes = maxValueBytes;
  }

  @Override
  public String name() {
    return address;
  }

  @Override
  public long lengthBytes() {
    return lengthBytes(0, files.size());
  }

  private long lengthBytes(int from, int to) {
    return files.subList(from, to).stream().mapToLong(LocalFile::lengthBytes).sum();
  }

  @Override
  public String identity() {
    MessageDigest sha256 = Digest.sha256();
    for (LocalFile file : files) {
      sha256.update((file.identity() + "\n").getBytes(StandardCharsets.UTF_8));
    }
    String root = directory.toAbsolutePath().normalize().toString();
    return FilesProvider.SCHEME + root + "|" + Digest.of(sha256.digest()).hex();
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public List<Part> parts(int input, long targetBytes) {
    List<Part> parts = new ArrayList<>();
    int from = 0;
    long bytes = 0;
    for (int i = 0; i < files.size(); i++) {
      long length = files.get(i).lengthBytes() + FILE_BYTES;
      if (bytes > 0 && bytes + length > targetBytes) {
        parts.add(new Part(input, from, i, lengthBytes(from, i)));
        from = i;
        bytes = 0;
      }
      bytes += length;
    }
    parts.add(new Part(input, from, files.size(), lengthBytes(from, files.size())));
    return parts;
  }

  @Override
  public RowSource open(Part part) {
    int from = (int) Math.min(part.from(), files.size());
    int to = (int) Math.min(part.to(), files.size());
    return new FilesSource(address, directory, files.subList(from, to), maxValueBytes, from);
  }
}
