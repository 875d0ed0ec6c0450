package io.featurekv.loader;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.loader.sort.DiskFailure;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardFileSpec;
import io.featurekv.storage.ShardFiles;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of one build, and what is finished of it: {@code plan} says what is built from what;
 * beside each finished split and shard, {@code *.done} says what became of it. Whoever builds the
 * same plan again goes on from there; for any other plan everything is deleted first.
 *
 * <p>A {@code done} file is written last, under another name first, and bears a checksum (u32
 * CRC32C before the rest), so that one that is there and sound tells the truth.
 */
final class BuildDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(BuildDirectory.class);
  private static final String PLAN = "plan";
  private static final String TEMPORARY_SUFFIX = ".tmp";

  private final Path directory;
  private final boolean resumes;

  private BuildDirectory(Path directory, boolean resumes) {
    this.directory = directory;
    this.resumes = resumes;
  }

  /**
   * Makes the directory ready.
   *
   * @param plan of the build, any text
   * @param resumable whether finished splits and shards of the same plan are to be used, and kept
   */
  static BuildDirectory open(Path directory, String plan, boolean resumable) {
    BuildDirectory opened = new BuildDirectory(directory, resumable);
    byte[] content = plan.getBytes(StandardCharsets.UTF_8);
    try {
      Files.createDirectories(directory);
      Path file = directory.resolve(PLAN);
      boolean same =
          resumable
              && Files.exists(file)
              && ByteBuffer.wrap(Files.readAllBytes(file)).equals(ByteBuffer.wrap(content));
      if (!same) {
        opened.deleteAll();
        if (resumable) {
          publish(file, content);
        }
      }
    } catch (IOException e) {
      throw DiskFailure.of("directory of the build " + directory + " cannot be prepared", e);
    }
    return opened;
  }

  Path path(String name) {
    return directory.resolve(name);
  }

  RunFiles runFiles() {
    return new RunFiles(directory, resumes);
  }

  Path shardFile(int shard) {
    return directory.resolve(shard + ".mdb");
  }

  Path shardRejections(int shard) {
    return directory.resolve("shard-" + shard + ".rejects");
  }

  private Path shardDone(int shard) {
    return directory.resolve("shard-" + shard + ".done");
  }

  /** What became of a split in an attempt before, or null. */
  @Nullable SplitOutcome split(int number) {
    return resumes ? read(runFiles().outcome(number), OutcomeCodec::readSplit) : null;
  }

  /** What became of a shard in an attempt before, or null. */
  @Nullable ShardOutcome shard(int number, ShardFileSpec spec) {
    Path file = shardFile(number);
    ShardOutcome outcome =
        resumes ? read(shardDone(number), in -> OutcomeCodec.readShard(in, spec, file)) : null;
    SealedShardFile sealed = outcome == null ? null : outcome.file();
    try {
      boolean whole =
          sealed != null
              && Files.exists(file)
              && Files.size(file) == sealed.manifest().lengthBytes();
      return whole ? outcome : null;
    } catch (IOException e) {
      throw DiskFailure.of(file + " cannot be read", e);
    }
  }

  /** Keeps what became of a split, where attempts go on from one another. */
  void finish(SplitOutcome outcome) {
    if (resumes) {
      write(runFiles().outcome(outcome.split()), out -> OutcomeCodec.write(outcome, out));
    }
  }

  /** Keeps what became of a shard. */
  void finish(int shard, ShardOutcome outcome) {
    SealedShardFile file = outcome.file();
    if (resumes && file != null) {
      write(shardDone(shard), out -> OutcomeCodec.write(outcome, file, out));
    }
  }

  private interface Writer {
    void write(DataOutputStream out) throws IOException;
  }

  private interface Reader<T> {
    T read(DataInputStream in) throws IOException;
  }

  private static void write(Path file, Writer writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      writer.write(new DataOutputStream(bytes));
      byte[] content = bytes.toByteArray();
      publish(
          file,
          ByteBuffer.allocate(Integer.BYTES + content.length)
              .putInt(checksum(content))
              .put(content)
              .array());
    } catch (IOException e) {
      throw DiskFailure.of(file + " cannot be written", e);
    }
  }

  private static void publish(Path file, byte[] content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + TEMPORARY_SUFFIX);
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Failpoint.BUILD_BEFORE_OUTCOME_RENAME.hitWriting();
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static int checksum(byte[] content) {
    CRC32C checksum = new CRC32C();
    checksum.update(content);
    return (int) checksum.getValue();
  }

  private static <T> @Nullable T read(Path file, Reader<T> reader) {
    if (!Files.exists(file)) {
      return null;
    }
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      int expected = in.readInt();
      byte[] content = in.readAllBytes();
      if (checksum(content) == expected) {
        return reader.read(new DataInputStream(new ByteArrayInputStream(content)));
      }
      LOG.warn("{} is damaged; what it tells of is done again", file);
    } catch (IOException e) {
      LOG.warn("{} cannot be read ({}); what it tells of is done again", file, e.toString());
    }
    return null;
  }

  /** Deletes every file of a build that is here; other files stay. */
  void deleteAll() {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (isOfBuild(file.getFileName().toString())) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      LOG.warn("{}: an earlier or failed build cannot be deleted: {}", directory, e.toString());
    }
  }

  private static boolean isOfBuild(String name) {
    return name.equals(PLAN)
        || name.startsWith("split-")
        || name.startsWith("shard-")
        || name.endsWith(".mdb")
        || name.endsWith(ShardFiles.TEMPORARY_SUFFIX)
        || name.endsWith(TEMPORARY_SUFFIX);
  }

  /** Deletes what became of a split, and its runs. */
  void forget(int split) {
    try {
      Files.deleteIfExists(runFiles().outcome(split));
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(directory, "split-" + split + "-*.run")) {
        for (Path file : files) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      LOG.warn("{}: split {} cannot be deleted: {}", directory, split, e.toString());
    }
  }

  /** Once all shards are built: deletes what nothing needs any more. */
  void deleteRuns() {
    String unneeded = resumes ? "split-*.run" : "{split,shard}-*";
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, unneeded)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      LOG.warn("{}: sorted runs cannot be deleted: {}", directory, e.toString());
    }
  }
}
