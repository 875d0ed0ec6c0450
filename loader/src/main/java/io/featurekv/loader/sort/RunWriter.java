package io.featurekv.loader.sort;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.storage.NativeMemory;
import io.featurekv.storage.UncachedFile;
import io.featurekv.storage.VirtualMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;

/** Writes the records of a sorted buffer to a file. Used once, by one thread. */
final class RunWriter implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 20;

  /** Records that are touched before any is copied, so that waits for memory overlap. */
  private static final int STAGE_RECORDS = 64;

  /** How far apart a record is touched: no cache line is longer than this. */
  private static final int LINE_BYTES = 64;

  /** Behind so much of a record the processor reads ahead by itself. */
  private static final int MAX_TOUCHED_BYTES = 512;

  /** A mark is set at the first record this far behind the one before. */
  private static final int BYTES_PER_MARK = 256 << 10;

  private final SortBuffer from;
  private final UncachedFile file;
  private final VirtualMemory memory;
  private final long[] starts;
  private final long[] counts;
  private final LongStream.Builder marks = LongStream.builder();
  private final long[] records = new long[STAGE_RECORDS];
  private final long[] lengths = new long[STAGE_RECORDS];
  private long touched;
  private int fill;
  private long written;
  private long lastMark;

  private RunWriter(Path path, SortBuffer from) throws IOException {
    this.from = from;
    this.starts = new long[from.shards() + 1];
    this.counts = new long[from.shards()];
    // An attempt that was cut short may have left one.
    Files.deleteIfExists(path);
    this.file = UncachedFile.create(path);
    this.memory = VirtualMemory.allocate(BUFFER_BYTES);
  }

  /** Writes all of a sorted buffer; nothing is left when it fails. */
  static RunFile write(SortBuffer from, Path path) {
    RunFile.Index index;
    try (RunWriter writer = new RunWriter(path, from)) {
      try {
        Failpoint.SPILL_BEFORE_WRITE.hitWriting();
        index = writer.writeAll();
        Failpoint.SPILL_AFTER_WRITE.hitWriting();
      } catch (IOException | RuntimeException | Error e) {
        Files.deleteIfExists(path);
        throw e;
      }
    } catch (IOException e) {
      throw DiskFailure.of("sorted run " + path + " cannot be written", e);
    }
    return RunFile.open(path, from.order(), index);
  }

  private RunFile.Index writeAll() throws IOException {
    for (int shard = 0; shard < counts.length; shard++) {
      starts[shard] = position();
      counts[shard] = from.records(shard);
      int end = from.end(shard);
      for (int i = from.start(shard); i < end; i += STAGE_RECORDS) {
        writeStage(i, Math.min(STAGE_RECORDS, end - i));
      }
    }
    starts[counts.length] = position();
    // Whole blocks are written.
    int padding = -fill & (UncachedFile.ALIGNMENT - 1);
    NativeMemory.fill(memory.address() + fill, padding, (byte) 0);
    fill += padding;
    drain();
    return new RunFile.Index(starts, counts, marks.build().toArray());
  }

  private long position() {
    return written + fill;
  }

  private void writeStage(int first, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      records[i] = from.record(first + i);
      lengths[i] = RecordLayout.bytes(records[i]);
    }
    for (int i = 0; i < count; i++) {
      touch(records[i], lengths[i]);
    }
    for (int i = 0; i < count; i++) {
      if (position() - lastMark >= BYTES_PER_MARK) {
        lastMark = position();
        marks.add(lastMark);
      }
      write(records[i], lengths[i]);
    }
  }

  /** Reads a byte of each line; the sum is kept so that the reads are. */
  private void touch(long record, long length) {
    long end = record + Math.min(length, MAX_TOUCHED_BYTES);
    long sum = touched + NativeMemory.getByte(end - 1);
    for (long at = record + LINE_BYTES; at < end; at += LINE_BYTES) {
      sum += NativeMemory.getByte(at);
    }
    touched = sum;
  }

  private void write(long record, long length) throws IOException {
    long at = record;
    long left = length;
    while (left > BUFFER_BYTES - fill) {
      int part = BUFFER_BYTES - fill;
      NativeMemory.copy(at, memory.address() + fill, part);
      at += part;
      left -= part;
      fill += part;
      drain();
    }
    NativeMemory.copy(at, memory.address() + fill, (int) left);
    fill += (int) left;
  }

  private void drain() throws IOException {
    file.write(memory.address(), fill, written);
    written += fill;
    fill = 0;
  }

  /** Closes the file, which stays, and frees the memory. */
  @Override
  public void close() throws IOException {
    memory.close();
    file.close();
  }
}
