package io.featurekv.chaos.instruments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Stops a process where it stands (SIGSTOP), until it is closed (SIGCONT). */
public final class Pause implements AutoCloseable {
  private final long pid;
  private final AtExit atExit = new AtExit();

  private Pause(long pid) {
    this.pid = pid;
  }

  /** Why there can be none on this machine; empty where there can. */
  public static Optional<String> missing() {
    return SystemTools.missing("kill");
  }

  /** Stops a process. */
  public static Pause of(long pid) {
    Pause pause = new Pause(pid);
    try {
      SystemTools.run("kill", "-STOP", Long.toString(pid));
      // A process that was killed meanwhile needs no signal.
      pause.atExit.add(() -> SystemTools.attempt("kill", "-CONT", Long.toString(pid)));
      return pause;
    } catch (RuntimeException e) {
      pause.close();
      throw e;
    }
  }

  /** Whether the process stands still now. */
  public boolean isStopped() {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets it go on. */
  @Override
  public void close() {
    atExit.close();
  }
}
