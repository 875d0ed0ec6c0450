package io.featurekv.loader.source;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The files of a directory, {@code files:DIRECTORY}, each of them an entry. */
public final class FilesProvider implements InputProvider {
  /** How addresses begin. */
  public static final String SCHEME = "files:";

  @Override
  public Set<String> schemes() {
    return Set.of("files");
  }

  @Override
  public boolean givesEntries() {
    return true;
  }

  @Override
  public List<Input> find(String address, ReadOptions options) {
    Path directory = directory(address);
    if (!Files.isDirectory(directory)) {
      throw invalid(address + ": " + directory + " is not a directory");
    }
    try {
      List<LocalFile> files = new ArrayList<>();
      for (Path path : VisibleFiles.below(directory).paths()) {
        if (!Files.isReadable(path)) {
          throw invalid("input " + path + " cannot be read: no permission");
        }
        LocalFile file = new LocalFile(path);
        if (!file.isSeekable()) {
          throw invalid("input " + path + " is neither a file nor a directory");
        }
        files.add(file);
      }
      return List.of(new FilesInput(address, directory, files, options.maxValueBytes()));
    } catch (IOException e) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, "directory " + directory + " cannot be listed: " + e, e);
    }
  }

  private static Path directory(String address) {
    String rest = address.substring(SCHEME.length());
    if (rest.isEmpty()) {
      throw invalid("'" + address + "' names no directory");
    }
    try {
      return Path.of(rest);
    } catch (InvalidPathException e) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, "'" + rest + "' is no path: " + e.getReason(), e);
    }
  }

  private static FeatureKvException invalid(String message) {
    return new FeatureKvException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
