package io.featurekv.loader;

import io.featurekv.loader.sort.DiskFailure;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows that one split, or the sorting, rejected: all of them counted, the first ones in input
 * order kept, all of them written to a file of this build where they are wanted. Thread-safe.
 *
 * <p>The file: per row {@code u32 part | u64 row | u32 length | reason in UTF-8}, big-endian.
 */
final class Rejections implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Rejections.class);
  private static final int HEAD_BYTES = Integer.BYTES + Long.BYTES + Integer.BYTES;

  private final @Nullable Path spool;
  private final List<Rejection> first = new ArrayList<>();
  private @Nullable FileChannel channel;
  private @Nullable DataOutputStream out;
  private long count;

  /** Only the first ones are wanted. */
  Rejections() {
    this(null);
  }

  private Rejections(@Nullable Path spool) {
    this.spool = spool;
  }

  /**
   * Those of a split or shard that is done now, maybe not for the first time.
   *
   * @param spool its file; what an attempt before has left there is deleted
   * @param isWanted whether all of them go there
   */
  static Rejections begin(Path spool, boolean isWanted) {
    try {
      Files.deleteIfExists(spool);
    } catch (IOException e) {
      throw DiskFailure.of("rejected rows of an attempt before cannot be deleted: " + spool, e);
    }
    return new Rejections(isWanted ? spool : null);
  }

  synchronized void add(int part, long row, String reason) {
    Rejection rejection = new Rejection(part, row, reason);
    count++;
    first.add(rejection);
    if (first.size() > BuildResult.MAX_SHOWN_REJECTED) {
      first.sort(Rejection.IN_INPUT_ORDER);
      first.removeLast();
    }
    if (spool != null) {
      write(rejection, spool);
    }
  }

  private void write(Rejection rejection, Path path) {
    try {
      if (out == null) {
        channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)));
      }
      byte[] reason = rejection.reason().getBytes(StandardCharsets.UTF_8);
      out.writeInt(rejection.part());
      out.writeLong(rejection.row());
      out.writeInt(reason.length);
      out.write(reason);
    } catch (IOException e) {
      throw DiskFailure.of("rejected rows cannot be written to " + path, e);
    }
  }

  synchronized long count() {
    return count;
  }

  /** The first ones in input order, at most {@link BuildResult#MAX_SHOWN_REJECTED}. */
  synchronized List<Rejection> first() {
    return first.stream().sorted(Rejection.IN_INPUT_ORDER).toList();
  }

  /** Hears of rows in the order they were rejected. */
  @FunctionalInterface
  interface Visitor {
    void visit(Rejection rejection) throws IOException;
  }

  /**
   * Reads a file of rejections that is complete; nothing where there is none.
   *
   * @throws FeatureKvException CORRUPT where it is no such file
   */
  static void read(Path path, Visitor visitor) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    long left = Files.size(path);
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
      while (left > 0) {
        int part = in.readInt();
        long row = in.readLong();
        int length = in.readInt();
        left -= (long) HEAD_BYTES + length;
        if (part < 0 || row < 0 || length < 0 || left < 0) {
          throw damaged(path, null);
        }
        byte[] reason = new byte[length];
        in.readFully(reason);
        visitor.visit(new Rejection(part, row, new String(reason, StandardCharsets.UTF_8)));
      }
    } catch (EOFException e) {
      throw damaged(path, e);
    }
  }

  private static FeatureKvException damaged(Path path, @Nullable EOFException cause) {
    return new FeatureKvException(
        ErrorCode.CORRUPT, "rejected rows in " + path + " are damaged", cause);
  }

  /** Whether a file holds so many rejections, all that there were. */
  static boolean isWhole(Path path, long count) {
    try {
      long[] found = {0};
      read(path, rejection -> found[0]++);
      return found[0] == count;
    } catch (FeatureKvException | IOException e) {
      LOG.warn("{}; what was rejected is looked for again", e.getMessage());
      return false;
    }
  }

  /** Completes the file, which stays. */
  @Override
  public synchronized void close() {
    DataOutputStream last = out;
    // A second call has nothing to complete, also where this one fails.
    out = null;
    try (FileChannel closing = channel) {
      channel = null;
      if (last != null && closing != null) {
        last.flush();
        // Whoever goes on from here by what became of the split takes this for all of its rows.
        closing.force(true);
      }
    } catch (IOException e) {
      throw DiskFailure.of("rejected rows cannot be written to " + spool, e);
    }
  }
}
