package io.featurekv.cli.load;

import io.featurekv.cli.option.MachineMemory;
import io.featurekv.cli.option.Sizes;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options of commands that build: how much memory they may use, and where. */
public final class Workspace {
  /** What a load takes of the machine's memory unless told otherwise. */
  private static final int SHARE = 4;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = Sizes.class,
      description =
          "Memory of the whole load, its heap included, which is a quarter of it (default: a quarter"
              + " of the machine's); less than it works with is refused.")
  private @Nullable Long memoryBytes;

  @Option(
      names = "--temp-dir",
      paramLabel = "DIR",
      description = "Where sorted runs and files are built (default: the system's).")
  private @Nullable Path directory;

  /** The bound on the whole process; by itself it is never less than what works. */
  public long boundBytes() {
    long share = MachineMemory.bytes() / SHARE;
    return memoryBytes == null
        ? Math.max(share, new MemoryBudget(share, MachineMemory.maxHeapBytes()).leastBytes())
        : memoryBytes;
  }

  /**
   * What sorting and building may take of that bound.
   *
   * @throws ParameterException naming the bound and the smallest one that works
   */
  public long memoryBytes(CommandLine command) {
    MemoryBudget budget = new MemoryBudget(boundBytes(), MachineMemory.maxHeapBytes());
    if (!budget.isEnough()) {
      throw new ParameterException(command, budget.refusal());
    }
    return budget.buildBytes();
  }

  /** Where builds make directories of their own. */
  public Path directory() {
    return directory == null ? Path.of(System.getProperty("java.io.tmpdir")) : directory;
  }
}
