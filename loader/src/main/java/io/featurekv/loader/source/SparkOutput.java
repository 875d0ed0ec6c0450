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
 * {@code _temporary}, and leaves {@code _SUCCESS} when all are there. These two stand at the top of
 * what one job wrote, and so count for the directories below it: for all of them below the
 * directory where an input begins, and outside of that for those named {@code name=value}. The
 * nearest one decides, and {@code _SUCCESS} where both are in one directory.
 *
 * @param top the directory where an input begins
 */
record SparkOutput(Path top) {
  private static final String PART = "part-";
  private static final String TEMPORARY = "_temporary";
  private static final String SUCCESS = "_SUCCESS";

  private enum Mark {
    NONE,
    BEGUN,
    FINISHED
  }

  /** Whether a job has begun to write into a directory, and maybe ended. */
  static boolean isBegun(Path directory) {
    return Files.exists(directory.resolve(TEMPORARY));
  }

  /**
   * The first directory that is not finished: of those of the files, those that are begun, and the
   * top; null where all are.
   *
   * @param begun directories with or without files
   */
  @Nullable Path unfinished(Collection<Path> files, Collection<Path> begun) throws IOException {
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
    begun.forEach(directory -> directories.add(directory.toAbsolutePath()));
    directories.add(top.toAbsolutePath());
    for (Path directory : directories) {
      if (isUnfinished(directory, withParts.contains(directory))) {
        return directory;
      }
    }
    return null;
  }

  private boolean isUnfinished(Path directory, boolean hasParts) throws IOException {
    // Where a link leads out of the job's directory, the mark is where it leads.
    Mark real = nearestMark(directory.toRealPath(), top.toRealPath());
    return switch (real == Mark.NONE ? nearestMark(directory, top.toAbsolutePath()) : real) {
      case NONE -> hasParts;
      case BEGUN -> true;
      case FINISHED -> false;
    };
  }

  /** The mark in a directory, or in the nearest one above it for which that counts. */
  private static Mark nearestMark(Path directory, Path top) {
    for (Path at = directory; at != null; at = at.getParent()) {
      if (Files.exists(at.resolve(SUCCESS))) {
        return Mark.FINISHED;
      }
      if (isBegun(at)) {
        return Mark.BEGUN;
      }
      boolean isBelow = at.startsWith(top) && !at.equals(top);
      Path name = at.getFileName();
      if (!isBelow && (name == null || name.toString().indexOf('=') <= 0)) {
        return Mark.NONE;
      }
    }
    return Mark.NONE;
  }
}
