package io.featurekv.bench.input;

import io.featurekv.bench.data.RowFeed;
import io.featurekv.loader.row.EntryMapper;
import io.featurekv.loader.row.EntryShape;
import io.featurekv.loader.row.TextEncoding;
import io.featurekv.loader.source.Format;
import io.featurekv.loader.source.Input;
import io.featurekv.loader.source.Inputs;
import io.featurekv.loader.source.Part;
import io.featurekv.loader.source.ReadOptions;
import io.featurekv.loader.source.RowSource;
import io.featurekv.model.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The files that {@code featurekv bench load} writes, read and made entries of as {@code featurekv
 * load} does. Several threads read a file each; the sink hears of one block of rows at a time.
 *
 * @param format csv or parquet
 * @param count how many rows there are, which is not checked
 */
public record FileRows(Path directory, String format, int count, int threads) implements RowFeed {
  private static final int BLOCK_ROWS = 512;
  private static final int MAX_FIELD_BYTES = 16 << 20;

  @Override
  public void feed(Sink sink) throws IOException {
    List<Input> inputs = Inputs.find(List.of(directory.toString()), options());
    AtomicInteger next = new AtomicInteger();
    Object turn = new Object();
    try (ExecutorService readers = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> running = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        running.add(
            readers.submit(
                () -> {
                  for (int i = next.getAndIncrement();
                      i < inputs.size();
                      i = next.getAndIncrement()) {
                    read(inputs.get(i), i, sink, turn);
                  }
                  return null;
                }));
      }
      for (Future<?> reader : running) {
        reader.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException(directory + ": " + e.getCause(), e);
    }
  }

  private ReadOptions options() {
    return new ReadOptions(
        Format.ofWord(format),
        false,
        Map.of(),
        shape().neededColumns(),
        MAX_FIELD_BYTES,
        Limits.DEFAULT_MAX_VALUE_BYTES,
        InputStream.nullInputStream());
  }

  private EntryShape shape() {
    return new EntryShape(
        List.of("key"),
        ":",
        TextEncoding.UTF8,
        "value",
        format.equals("csv") ? TextEncoding.BASE64 : TextEncoding.UTF8,
        "",
        "",
        Limits.DEFAULT_MAX_VALUE_BYTES,
        List.of());
  }

  private void read(Input input, int index, Sink sink, Object turn) throws IOException {
    EntryMapper mapper = new EntryMapper(shape());
    for (Part part : input.parts(index, Long.MAX_VALUE)) {
      try (RowSource rows = input.open(part)) {
        byte[][] keys = new byte[BLOCK_ROWS][];
        byte[][] values = new byte[BLOCK_ROWS][];
        int used = 0;
        while (rows.next()) {
          String fault = mapper.map(rows.row());
          if (fault != null) {
            throw new IOException(rows.name() + ":" + rows.row().number() + ": " + fault);
          }
          keys[used] = slice(mapper.keyArray(), mapper.keyOffset(), mapper.keyLength());
          values[used] = slice(mapper.valueArray(), mapper.valueOffset(), mapper.valueLength());
          used++;
          if (used == BLOCK_ROWS) {
            hand(keys, values, used, sink, turn);
            used = 0;
          }
        }
        hand(keys, values, used, sink, turn);
      }
    }
  }

  private static byte[] slice(byte[] array, int offset, int length) {
    return Arrays.copyOfRange(array, offset, offset + length);
  }

  private static void hand(byte[][] keys, byte[][] values, int used, Sink sink, Object turn)
      throws IOException {
    synchronized (turn) {
      for (int i = 0; i < used; i++) {
        sink.put(keys[i], values[i]);
      }
    }
  }
}
