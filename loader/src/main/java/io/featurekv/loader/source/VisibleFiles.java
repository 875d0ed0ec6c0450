package io.featurekv.loader.source;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is below a directory, without names that start with {@code _} or {@code .}, in the order of
 * the paths. Symbolic links are followed: what one leads to is found under the path of the link,
 * and so once more where it is found in its own place too. A link that leads back to a directory
 * that it lies in, and one that leads nowhere, are errors.
 */
final class VisibleFiles {
  /** Most directories that one listing enters; links may lead to the same one by many paths. */
  static final int MAX_DIRECTORIES = 1 << 20;

  private final Path root;
  private final int depth;
  private final @Nullable PathMatcher matcher;
  private final List<Path> found = new ArrayList<>();
  private final List<Path> directories = new ArrayList<>();

  /** Real paths of the directories that the walk is in. */
  private final Set<Path> entered = new HashSet<>();

  /**
   * What a walk came to, each in the order of the paths.
   *
   * @param paths what was looked for
   * @param directories that were looked into, the first one too
   */
  record Found(List<Path> paths, List<Path> directories) {
    Found {
      paths = List.copyOf(paths);
      directories = List.copyOf(directories);
    }
  }

  private VisibleFiles(Path root, int depth, @Nullable PathMatcher matcher) {
    this.root = root;
    this.depth = depth;
    this.matcher = matcher;
  }

  /**
   * All files below a directory.
   *
   * @throws FeatureKvException INVALID_ARGUMENT for a link that leads nowhere or back, and where
   *     there are too many
   */
  static Found below(Path directory) throws IOException {
    return new VisibleFiles(directory, Integer.MAX_VALUE, null).walk();
  }

  /**
   * Files and directories whose paths below a directory match; as {@link #below}, but a link that
   * leads nowhere matters only where it matches.
   *
   * @param depth how many names their paths have at most
   */
  static Found matching(Path directory, int depth, PathMatcher matcher) throws IOException {
    return new VisibleFiles(directory, depth, matcher).walk();
  }

  /**
   * Refuses a link that leads nowhere.
   *
   * @throws FeatureKvException INVALID_ARGUMENT, naming the link and where it leads
   */
  static void refuseDangling(Path path) throws IOException {
    if (Files.isSymbolicLink(path) && !Files.exists(path)) {
      throw invalid(
          "input %s is a symbolic link to %s, where nothing is"
              .formatted(path, Files.readSymbolicLink(path)));
    }
  }

  private Found walk() throws IOException {
    enter(root, root.toRealPath(), 1);
    found.sort(null);
    directories.sort(null);
    return new Found(found, directories);
  }

  /**
   * Walks through a directory.
   *
   * @param real what its path really is
   * @param level how many names the paths of what is in it have
   */
  private void enter(Path directory, Path real, int level) throws IOException {
    if (!entered.add(real)) {
      throw invalid(
          ("input %s is %s, in which it lies itself: a symbolic link leads back; remove the link,"
                  + " or name what to read without it")
              .formatted(directory, real));
    }
    directories.add(directory);
    if (directories.size() > MAX_DIRECTORIES) {
      throw invalid("input " + root + " has more than " + MAX_DIRECTORIES + " directories");
    }
    for (Path path : visible(directory)) {
      boolean isDirectory = Files.isDirectory(path);
      if (matcher == null ? !isDirectory : matcher.matches(root.relativize(path))) {
        refuseDangling(path);
        add(path);
      }
      if (isDirectory && level < depth) {
        Path name = path.getFileName();
        enter(path, Files.isSymbolicLink(path) ? path.toRealPath() : real.resolve(name), level + 1);
      }
    }
    entered.remove(real);
  }

  private static List<Path> visible(Path directory) throws IOException {
    try (DirectoryStream<Path> paths =
        Files.newDirectoryStream(
            directory,
            path -> {
              String name = path.getFileName().toString();
              return !name.startsWith("_") && !name.startsWith(".");
            })) {
      List<Path> visible = new ArrayList<>();
      paths.forEach(visible::add);
      return visible;
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private void add(Path path) {
    found.add(path);
    if (found.size() > Inputs.MAX_FILES) {
      throw invalid("input " + root + " has more than " + Inputs.MAX_FILES + " files");
    }
  }

  private static FeatureKvException invalid(String message) {
    return new FeatureKvException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
