package io.featurekv.chaos.instruments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;

/**
 * A disk whose calls fail when told to: a library between a process and the C library, and a file
 * mapped by both, with one rule at a time.
 *
 * <p>The file: {@code int32 operation, int32 error, int32 remaining, int32 fired, byte[4080] part
 * of the path}, in the machine's byte order. The library takes one of {@code remaining} for each
 * call that it fails and adds one to {@code fired}. Calls that map files are not seen.
 */
public final class FailingDisk implements AutoCloseable {
  private static final int CONTROL_BYTES = 4096;
  private static final int OPERATION = 0;
  private static final int ERROR = 4;
  private static final int REMAINING = 8;
  private static final int FIRED = 12;
  private static final int PATH = 16;

  private final Path library;
  private final Path control;
  private final MappedByteBuffer rule;

  /** Calls that can fail. */
  public enum Operation {
    READ(0),
    WRITE(1),
    FORCE(2),
    /** Half of the bytes are written, and the caller is told so. */
    SHORT_WRITE(3),
    RENAME(4);

    private final int number;

    Operation(int number) {
      this.number = number;
    }
  }

  /** What the caller is told. */
  public enum Failure {
    IO_ERROR(5),
    NO_SPACE(28);

    private final int number;

    Failure(int number) {
      this.number = number;
    }
  }

  private FailingDisk(Path library, Path control, MappedByteBuffer rule) {
    this.library = library;
    this.control = control;
    this.rule = rule;
  }

  /** Why there can be none on this machine; empty where there can. */
  public static Optional<String> missing() {
    return NativeShim.missing();
  }

  /** Makes the library and the control file in a directory of the caller. */
  public static FailingDisk create(Path directory) {
    Path library = NativeShim.compile("failing_disk.c", directory);
    Path control = directory.resolve("failing-disk.control");
    try (FileChannel file =
        FileChannel.open(
            control,
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      MappedByteBuffer rule = file.map(FileChannel.MapMode.READ_WRITE, 0, CONTROL_BYTES);
      rule.order(ByteOrder.nativeOrder());
      return new FailingDisk(library, control, rule);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the environment of a process must have for its disk to be this one. */
  public Map<String, String> environment() {
    return Map.of(
        "LD_PRELOAD",
        library.toAbsolutePath().toString(),
        "FAILING_DISK_CONTROL",
        control.toAbsolutePath().toString());
  }

  /**
   * Fails the next calls on files in whose path a text occurs; takes the place of the rule before.
   *
   * @param failure of no meaning for {@link Operation#SHORT_WRITE}
   */
  public void fail(Operation operation, Failure failure, int times, String pathPart) {
    byte[] part = pathPart.getBytes(StandardCharsets.UTF_8);
    if (part.length >= CONTROL_BYTES - PATH) {
      throw new IllegalArgumentException(
          "a part of a path is up to " + (CONTROL_BYTES - PATH - 1) + " bytes, not " + part.length);
    }
    heal();
    rule.putInt(OPERATION, operation.number);
    rule.putInt(ERROR, failure.number);
    rule.put(PATH, part);
    rule.put(PATH + part.length, (byte) 0);
    java.lang.invoke.VarHandle.fullFence();
    rule.putInt(REMAINING, times);
  }

  /** No more calls fail. */
  public void heal() {
    rule.putInt(REMAINING, 0);
    java.lang.invoke.VarHandle.fullFence();
  }

  /** Calls that failed so far. */
  public int fired() {
    return rule.getInt(FIRED);
  }

  @Override
  public void close() {
    heal();
  }
}
