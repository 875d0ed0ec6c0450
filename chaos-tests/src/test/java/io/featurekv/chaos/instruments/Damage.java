package io.featurekv.chaos.instruments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Harms a file at rest in a node's data directory. What is chosen is a function of the seed and of
 * the files that are there. A file is not locked: a server that has it open goes on.
 */
public final class Damage {
  private final Random random;

  /** What a file of a data directory is for. */
  public enum Kind {
    SHARD_FILE("tables/.+/[0-9]+(\\.merged)?\\.mdb"),
    PIECES("tables/.+\\.pieces"),
    PART("tables/.+\\.part"),
    RAFT_LOG("raft/[^/]+/current/log_.+"),
    RAFT_META("raft/[^/]+/current/raft-meta"),
    RAFT_SNAPSHOT("raft/[^/]+/sm/snapshot\\.[0-9_.]+"),
    METADATA_SNAPSHOT("metadata\\.snapshot");

    private final Pattern path;

    Kind(String path) {
      this.path = Pattern.compile(path);
    }
  }

  /** What is done to it. */
  public enum Harm {
    /** One bit is turned. */
    FLIP_BIT,
    /** It ends earlier; it may end at once. Fatal by nature to a process that has it mapped. */
    TRUNCATE
  }

  /**
   * What was done.
   *
   * @param offset of the byte with the bit, or the new length
   */
  public record Done(Path file, Kind kind, Harm harm, long offset) {}

  public Damage(long seed) {
    random = new Random(seed);
  }

  /** Files of a kind that are not empty, by name. */
  public static List<Path> files(Path dataDirectory, Kind kind) {
    try (Stream<Path> all = Files.walk(dataDirectory)) {
      return all.filter(
              file -> kind.path.matcher(dataDirectory.relativize(file).toString()).matches())
          .filter(Files::isRegularFile)
          .filter(file -> file.toFile().length() > 0)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Harms one file of a kind; empty if there is none. */
  public Optional<Done> harmOne(Path dataDirectory, Kind kind, Harm harm) {
    List<Path> files = files(dataDirectory, kind);
    if (files.isEmpty()) {
      return Optional.empty();
    }
    Path file = files.get(random.nextInt(files.size()));
    return Optional.of(new Done(file, kind, harm, harm(file, harm)));
  }

  /** Harms a file; returns the offset of the byte with the turned bit, or the new length. */
  public long harm(Path file, Harm harm) {
    if (!file.toFile().setWritable(true) && Files.exists(file)) {
      throw new IllegalStateException(file + " cannot be made writable");
    }
    try (FileChannel bytes =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long offset = random.nextLong(bytes.size());
      switch (harm) {
        case FLIP_BIT -> flipBit(bytes, offset);
        case TRUNCATE -> bytes.truncate(offset);
      }
      return offset;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void flipBit(FileChannel bytes, long offset) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    bytes.read(one, offset);
    one.put(0, (byte) (one.get(0) ^ (1 << random.nextInt(Byte.SIZE))));
    bytes.write(one.flip(), offset);
  }
}
