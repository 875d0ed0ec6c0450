package io.featurekv.chaos.instruments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** Finds out which process of this machine a TCP connection comes from, by /proc. */
final class ProcessSockets {
  private static final int LOCAL = 1;
  private static final int REMOTE = 2;
  private static final int INODE = 9;

  private ProcessSockets() {}

  /**
   * The name of the process that has a connection.
   *
   * @param pid of a name; negative for none
   * @param local on its side, IPv4
   * @param remote on the other, IPv4
   */
  static Optional<String> owner(
      List<String> names,
      ToLongFunction<String> pid,
      InetSocketAddress local,
      InetSocketAddress remote) {
    Optional<String> inode =
        inode("/proc/net/tcp6", hex(local), hex(remote))
            .or(() -> inode("/proc/net/tcp", hex(local), hex(remote)));
    return inode.flatMap(
        found -> names.stream().filter(name -> holds(pid.applyAsLong(name), found)).findFirst());
  }

  /** How the kernel writes an address, and how it ends the same one in IPv6. */
  private static String hex(InetSocketAddress address) {
    byte[] bytes = address.getAddress().getAddress();
    if (bytes.length != Integer.BYTES) {
      throw new IllegalArgumentException(address + " is not of IPv4");
    }
    int host = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt();
    return String.format("%08X:%04X", host, address.getPort());
  }

  private static Optional<String> inode(String table, String local, String remote) {
    try {
      return Files.readAllLines(Path.of(table)).stream()
          .map(line -> line.trim().split("\\s+", -1))
          .filter(
              words ->
                  words.length > INODE
                      && words[LOCAL].endsWith(local)
                      && words[REMOTE].endsWith(remote))
          .map(words -> words[INODE])
          .filter(inode -> !inode.equals("0"))
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean holds(long pid, String inode) {
    Path socket = Path.of("socket:[" + inode + "]");
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (Path file : files) {
        if (isLinkTo(file, socket)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      // It has ended, or never was.
      return false;
    }
  }

  private static boolean isLinkTo(Path file, Path target) {
    try {
      return Files.readSymbolicLink(file).equals(target);
    } catch (IOException e) {
      // Closed meanwhile.
      return false;
    }
  }
}
