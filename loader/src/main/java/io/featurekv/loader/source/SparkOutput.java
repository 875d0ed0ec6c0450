package io.featurekv.loader.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether Spark has finished a directory: it names its files {@code part-*}, writes below
 * {@code _temporary}, and leaves {@code _SUCCESS} when all are there. That stands at the top of
 * what one job wrote, and so counts for the directories below it: for all of them below the
 * directory where an input begins, and outside of that for those named {@code name=value}.
 *
 * @param top the directory where an input begins
 */
record SparkOutput(Path top) {
  private static final String PART = "part-";
  private static final String TEMPORARY = "_temporary";
  private static final String SUCCESS = "_SUCCESS";

  /** The top, or the first directory of the files, that is not finished; null where all are. */
  @Nullable Path unfinished(Collection<Path> files) throws IOException {
    Set<Path> directories = new LinkedHashSet<>();
    Set<Path> withParts = new LinkedHashSet<>();
    for (Path file : files) {
      Path directory = file.toAbsolutePath().getParent();
      if (directory != null) {
        directories.add(directory);
        if (file.getFileName().toString().startsWith(PART)) {
          withParts.add(directory);
        }
      }
    }
    directories.add(top.toAbsolutePath());
    for (Path directory : directories) {
      if (isUnfinished(directory, withParts.contains(directory))) {
        return directory;
      }
    }
    return null;
  }

  private boolean isUnfinished(Path directory, boolean hasParts) throws IOException {
    Path absoluteTop = top.toAbsolutePath();
    return (hasParts || isMarked(directory, absoluteTop, TEMPORARY))
        && !isMarked(directory, absoluteTop, SUCCESS)
        // Where a link leads out of the job's directory, the mark is where it leads.
        && !isMarked(directory.toRealPath(), top.toRealPath(), SUCCESS);
  }

  /** Whether a mark stands in a directory or in one above it for which that counts. */
  private static boolean isMarked(Path directory, Path top, String mark) {
    Path at = directory;
    while (at != null) {
      if (Files.exists(at.resolve(mark))) {
        return true;
      }
      boolean isBelow = at.startsWith(top) && !at.equals(top);
      Path name = at.getFileName();
      if (!isBelow && (name == null || name.toString().indexOf('=') <= 0)) {
        return false;
      }
      at = at.getParent();
    }
    return false;
  }
}
