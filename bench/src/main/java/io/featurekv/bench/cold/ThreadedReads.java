package io.featurekv.bench.cold;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that each do one read at a time, past the page cache where the filesystem can. */
final class ThreadedReads implements DiskReads {
  @Override
  public String name() {
    return DEPTH + " threads reading 4 KB, direct";
  }

  @Override
  public double readsPerSecond(List<Path> files, double seconds) throws IOException {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    List<Callable<Long>> readers = new ArrayList<>();
    for (int i = 0; i < DEPTH; i++) {
      SplittableRandom random = new SplittableRandom(i);
      readers.add(() -> read(files, random, end));
    }
    long start = System.nanoTime();
    long reads = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(DEPTH)) {
      for (Future<Long> reader : threads.invokeAll(readers)) {
        reads += reader.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("reading " + files + " failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while reading " + files, e);
    }
    return reads / ((System.nanoTime() - start) / 1e9);
  }

  private static long read(List<Path> files, SplittableRandom random, long end) throws IOException {
    List<FileChannel> channels = new ArrayList<>();
    long reads = 0;
    try {
      for (Path file : files) {
        channels.add(open(file));
      }
      ByteBuffer buffer = ByteBuffer.allocateDirect(2 * READ_BYTES).alignedSlice(READ_BYTES);
      while (System.nanoTime() < end) {
        FileChannel channel = channels.get(random.nextInt(channels.size()));
        long pages = Math.max(1, channel.size() / READ_BYTES);
        buffer.clear().limit(READ_BYTES);
        channel.read(buffer, random.nextLong(pages) * READ_BYTES);
        reads++;
      }
    } finally {
      for (FileChannel channel : channels) {
        channel.close();
      }
    }
    return reads;
  }

  @SuppressWarnings("MustBeClosedChecker") // The reader closes it.
  private static FileChannel open(Path file) throws IOException {
    try {
      return FileChannel.open(file, StandardOpenOption.READ, direct());
    } catch (UnsupportedOperationException | IOException e) {
      // A filesystem in memory, for one, knows no direct reads.
      return FileChannel.open(file, StandardOpenOption.READ);
    }
  }

  /**
   * By name: the compiler warns of the class, which is of no standard module, and cannot be hushed.
   */
  private static OpenOption direct() {
    try {
      return (OpenOption)
          Class.forName("com.sun.nio.file.ExtendedOpenOption").getField("DIRECT").get(null);
    } catch (ReflectiveOperationException e) {
      throw new UnsupportedOperationException("this JDK has no direct reads", e);
    }
  }
}
