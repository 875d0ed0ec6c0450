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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows that one split, or the sorting, rejected: all of them counted, the first ones in input
 * order kept, all of them written to a file of this build where they are wanted. Thread-safe.
 *
 * <p>The file: per row {@code u32 part | u64 row | u32 length | reason in UTF-8}, big-endian.
 */
final class Rejections implements AutoCloseable {
  private final @Nullable Path spool;
  private final List<Rejection> first = new ArrayList<>();
  private @Nullable DataOutputStream out;
  private long count;

  /** {@code spool} null: only the first ones are wanted. */
  Rejections(@Nullable Path spool) {
    this.spool = spool;
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
        out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path)));
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

  /** Reads a file of rejections that is complete; nothing where there is none. */
  static void read(Path path, Visitor visitor) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
      while (true) {
        int part = in.readInt();
        long row = in.readLong();
        byte[] reason = new byte[in.readInt()];
        in.readFully(reason);
        visitor.visit(new Rejection(part, row, new String(reason, StandardCharsets.UTF_8)));
      }
    } catch (EOFException e) {
      // All of them were read.
    } catch (NegativeArraySizeException e) {
      throw new FeatureKvException(ErrorCode.CORRUPT, path + " is damaged", e);
    }
  }

  /** Completes the file, which stays. */
  @Override
  public synchronized void close() {
    try {
      if (out != null) {
        out.close();
        out = null;
      }
    } catch (IOException e) {
      throw DiskFailure.of("rejected rows cannot be written to " + spool, e);
    }
  }
}
