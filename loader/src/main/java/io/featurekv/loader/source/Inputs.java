package io.featurekv.loader.source;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Finds the inputs that are named: a file, a directory (its {@link VisibleFiles}), a glob, {@code
 * -}, or an address that an {@link InputProvider} reads.
 *
 * <p>Directories named {@code name=value} below a directory that is an input, or at or below the
 * first wildcard of a glob, are columns.
 */
public final class Inputs {
  /** Most files that one load reads. */
  public static final int MAX_FILES = 1 << 20;

  /** The columns of rows that are entries already. */
  public static final String KEY_COLUMN = "key";

  public static final String VALUE_COLUMN = "value";

  private static final String NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__";

  private final ReadOptions options;
  private final InputProviders providers = new InputProviders();
  private final List<Input> found = new ArrayList<>();
  private boolean hasStdin;

  private Inputs(ReadOptions options) {
    this.options = options;
  }

  /**
   * All inputs, in their order.
   *
   * @throws FeatureKvException INVALID_ARGUMENT for a missing file, a glob without a match, a
   *     format that cannot be told, an unfinished directory, an address that nobody reads
   */
  public static List<Input> find(List<String> names, ReadOptions options) {
    Inputs inputs = new Inputs(options);
    if (names.isEmpty()) {
      throw invalid("no input is named");
    }
    try {
      for (String name : names) {
        inputs.add(name);
      }
    } catch (IOException e) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, "the inputs cannot be listed: " + e, e);
    }
    return List.copyOf(inputs.found);
  }

  /**
   * The rows of bytes that are CSV, TSV, JSON lines or Parquet.
   *
   * @throws FeatureKvException INVALID_ARGUMENT where the format cannot be told
   */
  public static Input of(Origin origin, ReadOptions options) {
    return of(origin, options, Set.of());
  }

  private static Input of(Origin origin, ReadOptions options, Set<String> partitions) {
    Format format = options.format();
    if (format == null) {
      format = Format.ofName(origin.fileName());
    }
    return format == Format.PARQUET
        ? new ParquetInput(origin, options)
        : new TextInput(origin, format, options, partitions);
  }

  /** Whether a name is an address that an {@link InputProvider} reads, and no path. */
  public static boolean isAddress(String name) {
    return new InputProviders().find(name) != null;
  }

  /** The name of the same input for a process that runs elsewhere: paths become absolute. */
  public static String absolute(String name) {
    if (name.startsWith(FilesProvider.SCHEME)) {
      return FilesProvider.SCHEME + absolutePath(name.substring(FilesProvider.SCHEME.length()));
    }
    return name.equals(StandardInput.ADDRESS) || isAddress(name) ? name : absolutePath(name);
  }

  /** The path from the root, without detours. */
  public static String absolutePath(String path) {
    return Path.of(path).toAbsolutePath().normalize().toString();
  }

  /** Whether the rows of all names are entries already, so that columns need not be named. */
  public static boolean giveEntries(List<String> names) {
    InputProviders providers = new InputProviders();
    for (String name : names) {
      InputProvider provider = providers.find(name);
      if (provider == null || !provider.givesEntries()) {
        return false;
      }
    }
    return !names.isEmpty();
  }

  private void add(String input) throws IOException {
    if (input.equals(StandardInput.ADDRESS)) {
      addStdin();
      return;
    }
    InputProvider provider = providers.find(input);
    if (provider != null) {
      found.addAll(provider.find(input, options));
      checkCount();
      return;
    }
    Path path = pathOf(input);
    if (path != null && Files.isDirectory(path)) {
      addDirectory(path, path);
    } else if (path != null && Files.exists(path)) {
      addFile(path, Map.of());
    } else if (input.contains("://")) {
      throw invalid(
          "no source reads "
              + input
              + "; addresses may begin with "
              + String.join(", ", providers.schemes()));
    } else if (hasWildcard(input)) {
      addGlob(input);
    } else {
      if (path != null) {
        VisibleFiles.refuseDangling(path);
      }
      throw invalid("input " + input + " does not exist");
    }
  }

  private void addStdin() {
    if (options.format() == null) {
      throw invalid(
          "the format of standard input cannot be told; say it with --format csv|tsv|jsonl");
    }
    if (options.format() == Format.PARQUET) {
      throw invalid("Parquet cannot be read from standard input: it needs a file");
    }
    if (hasStdin) {
      throw invalid("standard input is named twice");
    }
    hasStdin = true;
    found.add(of(new StandardInput(options.stdin()), options));
  }

  private static @Nullable Path pathOf(String input) {
    try {
      return Path.of(input);
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private void addDirectory(Path directory, Path top) throws IOException {
    VisibleFiles.Found below = VisibleFiles.below(directory);
    List<Path> begun = below.directories().stream().filter(SparkOutput::isBegun).toList();
    refuseUnfinished(top, below.paths(), begun);
    for (Path file : below.paths()) {
      addFile(file, partitionsOf(top.relativize(file)));
    }
  }

  private void refuseUnfinished(Path top, List<Path> files, List<Path> begun) throws IOException {
    Path unfinished =
        options.allowIncomplete() ? null : new SparkOutput(top).unfinished(files, begun);
    if (unfinished != null) {
      throw invalid(
          "directory "
              + unfinished
              + " looks like Spark output that is not finished: it has no _SUCCESS;"
              + " --allow-incomplete takes it as it is");
    }
  }

  private void addGlob(String glob) throws IOException {
    int wildcard = firstWildcard(glob);
    int slash = glob.lastIndexOf('/', wildcard);
    Path base = Path.of(slash < 0 ? "" : glob.substring(0, slash + 1));
    PathMatcher matcher;
    try {
      matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob.substring(slash + 1));
    } catch (PatternSyntaxException e) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, "glob " + glob + " is not valid: " + e.getDescription(), e);
    }
    VisibleFiles.Found found = new VisibleFiles.Found(List.of(), List.of());
    if (Files.isDirectory(base)) {
      int depth = glob.contains("**") ? Integer.MAX_VALUE : depthOf(glob.substring(slash + 1));
      found = VisibleFiles.matching(base, depth, matcher);
    }
    List<Path> matches = found.paths();
    if (matches.isEmpty()) {
      throw invalid("glob " + glob + " matches no file");
    }
    List<Path> files = matches.stream().filter(match -> !Files.isDirectory(match)).toList();
    // Of the others it may be that none was meant: files like these would not be read from there.
    List<Path> begun =
        found.directories().stream()
            .filter(SparkOutput::isBegun)
            .filter(
                directory ->
                    files.stream()
                        .map(file -> base.relativize(directory).resolve(file.getFileName()))
                        .anyMatch(matcher::matches))
            .toList();
    refuseUnfinished(base, files, begun);
    for (Path match : matches) {
      if (!Files.isDirectory(match)) {
        addFile(match, partitionsOf(base.relativize(match)));
      } else if (matches.stream().noneMatch(other -> isInside(other, match))) {
        addDirectory(match, base);
      }
    }
  }

  /** A directory that matches together with files inside it stands for those alone. */
  private static boolean isInside(Path path, Path directory) {
    return path.startsWith(directory) && !path.equals(directory);
  }

  private static int depthOf(String pattern) {
    return (int) pattern.chars().filter(c -> c == '/').count() + 1;
  }

  private static boolean hasWildcard(String input) {
    return firstWildcard(input) < input.length();
  }

  private static int firstWildcard(String input) {
    int i = 0;
    while (i < input.length() && "*?[{".indexOf(input.charAt(i)) < 0) {
      i++;
    }
    return i;
  }

  private static Map<String, @Nullable String> partitionsOf(Path relative) {
    Map<String, @Nullable String> partitions = new LinkedHashMap<>();
    for (int i = 0; i + 1 < relative.getNameCount(); i++) {
      String part = relative.getName(i).toString();
      int equals = part.indexOf('=');
      if (equals > 0) {
        String value = unescaped(part.substring(equals + 1));
        partitions.put(
            unescaped(part.substring(0, equals)), value.equals(NULL_PARTITION) ? null : value);
      }
    }
    return partitions;
  }

  /** Hive and Spark write %XX for characters that no path may have; a plus is a plus. */
  private static String unescaped(String part) {
    try {
      return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return part;
    }
  }

  private void addFile(Path path, Map<String, @Nullable String> partitions) throws IOException {
    if (!Files.isReadable(path)) {
      throw invalid("input " + path + " cannot be read: no permission");
    }
    Input input = of(new LocalFile(path), options, partitions.keySet());
    found.add(partitions.isEmpty() ? input : new PartitionedInput(input, partitions, options));
    checkCount();
  }

  private void checkCount() {
    if (found.size() > MAX_FILES) {
      throw invalid("the inputs name more than " + MAX_FILES + " files");
    }
  }

  private static FeatureKvException invalid(String message) {
    return new FeatureKvException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
