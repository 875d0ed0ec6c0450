package io.featurekv.bench.peer;

import io.featurekv.bench.data.EntrySource;
import io.featurekv.bench.data.Layout;
import io.featurekv.bench.data.Reply;
import io.featurekv.bench.data.RequestBatch;
import io.featurekv.bench.data.StandardKeys;
import io.featurekv.bench.data.ValueShape;
import io.featurekv.bench.engine.Engine;
import io.featurekv.bench.engine.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;

/**
 * Chronicle Map for values of one length, persisted to a mapped file, without checksums; read into
 * an array that is used again. It runs on this JDK with the packages opened that {@code
 * bench/storage} opens.
 *
 * @param entries of the map, for which it is laid out
 */
public record ChronicleEngine(int entries) implements Engine {
  @Override
  public String name() {
    return "chronicle";
  }

  @Override
  public Layout layout() {
    return new Layout(1, null);
  }

  private ChronicleMap<byte[], byte[]> map(Path directory) throws IOException {
    return ChronicleMapBuilder.of(byte[].class, byte[].class)
        .name("entries")
        .entries(entries)
        .constantKeySizeBySample(new byte[StandardKeys.KEY_BYTES])
        .constantValueSizeBySample(new byte[ValueShape.MEAN_BYTES])
        .putReturnsNull(true)
        .checksumEntries(false)
        .createPersistedTo(directory.resolve("entries.map").toFile());
  }

  @Override
  public void build(Path directory, EntrySource source) throws IOException {
    try (ChronicleMap<byte[], byte[]> map = map(directory)) {
      source.feed(
          0,
          (key, keyLength, value, valueLength) ->
              map.put(Arrays.copyOf(key, keyLength), Arrays.copyOf(value, valueLength)));
    }
  }

  @Override
  public Store open(Path directory) throws IOException {
    return new OpenChronicle(map(directory), new byte[ValueShape.MEAN_BYTES]);
  }

  private record OpenChronicle(ChronicleMap<byte[], byte[]> map, byte[] using) implements Store {
    @Override
    public String name() {
      return "chronicle";
    }

    @Override
    public void get(RequestBatch batch, Reply reply) {
      for (int i = 0; i < batch.size(); i++) {
        byte[] value = map.getUsing(batch.keyArrays().get(i), using);
        if (value == null) {
          reply.absent(i);
        } else {
          reply.found(i, value);
        }
      }
    }

    @Override
    public long memoryBytes() {
      return 0;
    }

    @Override
    public void close() {
      map.close();
    }
  }
}
