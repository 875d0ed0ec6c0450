package io.featurekv.loader.sort;

import io.featurekv.storage.EntryOrder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.LongStream;

/** Writes a run: the records of each shard in turn, in the order of the sort. Not thread-safe. */
final class RunWriter {
  private static final int BUFFER_BYTES = 256 << 10;

  /** A mark is set at the first record this far behind the one before. */
  private static final int BYTES_PER_MARK = 256 << 10;

  private final Path path;
  private final FileChannel channel;
  private final EntryOrder order;
  private final long[] starts;
  private final long[] counts;
  private final LongStream.Builder marks = LongStream.builder();
  private final int level;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final byte[] header = new byte[RecordLayout.MAX_HEADER_BYTES];
  private long written;
  private long lastMark;

  private RunWriter(Path path, FileChannel channel, EntryOrder order, int shards, int level) {
    this.path = path;
    this.channel = channel;
    this.order = order;
    this.starts = new long[shards + 1];
    this.counts = new long[shards];
    this.level = level;
  }

  static RunWriter create(Path path, EntryOrder order, int shards, int level) {
    try {
      FileChannel channel =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      return new RunWriter(path, channel, order, shards, level);
    } catch (IOException e) {
      throw DiskFailure.of("sorted run " + path + " cannot be created", e);
    }
  }

  /** Writes all of a shard's records; shards come in order. */
  void writeShard(int shard, RecordCursor records) {
    try {
      starts[shard] = written;
      while (records.next()) {
        if (written - lastMark >= BYTES_PER_MARK) {
          lastMark = written;
          marks.add(written);
        }
        int valueLength = records.isDelete() ? RecordLayout.DELETED : records.valueLength();
        RecordLayout.putHeader(
            header,
            0,
            shard,
            records.keyLength(),
            valueLength,
            records.location(),
            records.expirySeconds());
        write(header, 0, RecordLayout.headerBytes(header, 0));
        write(records.keyArray(), records.keyOffset(), records.keyLength());
        if (valueLength > 0) {
          byte[] value = records.valueArray();
          write(value, records.valueOffset(), valueLength);
        }
        counts[shard]++;
      }
      starts[shard + 1] = written;
    } catch (IOException e) {
      throw DiskFailure.of("sorted run " + path + " cannot be written", e);
    }
  }

  private void write(byte[] bytes, int offset, int length) throws IOException {
    int from = offset;
    int left = length;
    while (left > 0) {
      if (!buffer.hasRemaining()) {
        drain();
      }
      int count = Math.min(left, buffer.remaining());
      buffer.put(bytes, from, count);
      from += count;
      left -= count;
    }
    written += length;
  }

  private void drain() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  /** The run, to be read from now on. */
  Run finish() {
    try {
      drain();
    } catch (IOException e) {
      throw DiskFailure.of("sorted run " + path + " cannot be written", e);
    }
    return new Run(path, channel, order, starts, counts, marks.build().toArray(), level);
  }

  /** Gives up: deletes what was written. */
  void abandon() {
    try {
      channel.close();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw DiskFailure.of("sorted run " + path + " cannot be deleted", e);
    }
  }
}
