package io.featurekv.bench.peer;

import com.spotify.sparkey.CompressionType;
import com.spotify.sparkey.Sparkey;
import com.spotify.sparkey.SparkeyReader;
import com.spotify.sparkey.SparkeyWriter;
import io.featurekv.bench.data.EntrySource;
import io.featurekv.bench.data.Layout;
import io.featurekv.bench.data.Reply;
import io.featurekv.bench.data.RequestBatch;
import io.featurekv.bench.engine.Engine;
import io.featurekv.bench.engine.Store;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Sparkey, uncompressed: a log of entries in any order and a hash index on it, both mapped. */
public final class SparkeyEngine implements Engine {
  @Override
  public String name() {
    return "sparkey";
  }

  @Override
  public Layout layout() {
    return new Layout(1, null);
  }

  static File index(Path directory) {
    return directory.resolve("entries.spi").toFile();
  }

  @Override
  public void build(Path directory, EntrySource source) throws IOException {
    try (SparkeyWriter writer = Sparkey.createNew(index(directory), CompressionType.NONE, 0)) {
      writer.setFsync(true);
      source.feed(
          0,
          (key, keyLength, value, valueLength) -> {
            try {
              writer.put(Arrays.copyOf(key, keyLength), Arrays.copyOf(value, valueLength));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      writer.writeHash();
    }
  }

  @Override
  public Store open(Path directory) throws IOException {
    return new OpenSparkey(Sparkey.openSingleThreadedReader(index(directory)));
  }

  private record OpenSparkey(SparkeyReader reader) implements Store {
    @Override
    public String name() {
      return "sparkey";
    }

    @Override
    public void get(RequestBatch batch, Reply reply) {
      try {
        for (int i = 0; i < batch.size(); i++) {
          byte[] value = reader.getAsByteArray(batch.keyArrays().get(i));
          if (value == null) {
            reply.absent(i);
          } else {
            reply.found(i, value);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public long memoryBytes() {
      return 0;
    }

    @Override
    public void close() {
      reader.close();
    }
  }
}
