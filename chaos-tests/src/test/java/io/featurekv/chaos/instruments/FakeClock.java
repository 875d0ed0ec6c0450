package io.featurekv.chaos.instruments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A clock that is wrong, and jumps when told to: a library between a process and the C library that
 * adds an offset to the time of day. The monotonic clock goes right, as on a real machine.
 *
 * <p>The control file, mapped by both: {@code int64 offset in nanoseconds, int64 readings}, in the
 * machine's byte order.
 */
public final class FakeClock {
  private static final int CONTROL_BYTES = 4096;
  private static final int OFFSET = 0;
  private static final int READINGS = 8;

  private final Path library;
  private final Path control;
  private final MappedByteBuffer state;

  private FakeClock(Path library, Path control, MappedByteBuffer state) {
    this.library = library;
    this.control = control;
    this.state = state;
  }

  /** Why there can be none on this machine; empty where there can. */
  public static Optional<String> missing() {
    return NativeShim.missing();
  }

  /** Makes the library and the control file in a directory of the caller; the clock is right. */
  public static FakeClock create(Path directory) {
    Path library = NativeShim.compile("fake_clock.c", directory);
    Path control = directory.resolve("fake-clock.control");
    try (FileChannel file =
        FileChannel.open(
            control,
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      MappedByteBuffer state = file.map(FileChannel.MapMode.READ_WRITE, 0, CONTROL_BYTES);
      state.order(ByteOrder.nativeOrder());
      return new FakeClock(library, control, state);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the environment of a process must have for its clock to be this one. */
  public Map<String, String> environment() {
    return Map.of(
        "LD_PRELOAD",
        library.toAbsolutePath().toString(),
        "FAKE_CLOCK_CONTROL",
        control.toAbsolutePath().toString());
  }

  /** Sets by how much the clock is wrong: positive is ahead. Takes effect at once: it jumps. */
  public void offset(Duration offset) {
    state.putLong(OFFSET, offset.toNanos());
    java.lang.invoke.VarHandle.fullFence();
  }

  /** How often a wrong time was read: what shows that the clock was in use. */
  public long readings() {
    return state.getLong(READINGS);
  }
}
