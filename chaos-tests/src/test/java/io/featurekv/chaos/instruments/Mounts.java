package io.featurekv.chaos.instruments;

import java.nio.file.Path;

/** Takes mounted file systems away. */
final class Mounts {
  private Mounts() {}

  /** Unmounts; where something is still in use, it goes from the tree now and for good later. */
  static void unmount(Path directory) {
    SystemTools.Ended ended = SystemTools.attempt("umount", directory.toString());
    if (ended.exitCode() != 0) {
      SystemTools.run("umount", "--lazy", directory.toString());
    }
  }
}
