package io.featurekv.cli.load;

import io.featurekv.cli.option.MachineMemory;
import io.featurekv.cli.option.Sizes;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of commands that build: how much memory they may use, and where. */
public final class Workspace {
  static final long MIN_MEMORY_BYTES = 16L << 20;

  /** What a load takes of the machine's memory unless told otherwise. */
  private static final int SHARE = 4;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = Sizes.class,
      description =
          "Memory of the whole load (default: a quarter of the machine's); the heap, a sixteenth of"
              + " the machine's, counts with it.")
  private @Nullable Long memoryBytes;

  @Option(
      names = "--temp-dir",
      paramLabel = "DIR",
      description = "Where sorted runs and files are built (default: the system's).")
  private @Nullable Path directory;

  /** The bound on the whole process. */
  public long boundBytes() {
    return memoryBytes == null ? MachineMemory.bytes() / SHARE : memoryBytes;
  }

  /** That bound, less what the heap may take of it. */
  public long memoryBytes() {
    return Math.max(MIN_MEMORY_BYTES, boundBytes() - Runtime.getRuntime().maxMemory());
  }

  /** Where builds make directories of their own. */
  public Path directory() {
    return directory == null ? Path.of(System.getProperty("java.io.tmpdir")) : directory;
  }
}
