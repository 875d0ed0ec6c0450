package io.featurekv.bench.peer;

import com.spotify.sparkey.CompressionType;
import com.spotify.sparkey.Sparkey;
import com.spotify.sparkey.SparkeyWriter;
import io.featurekv.bench.data.RowFeed;
import io.featurekv.bench.engine.BulkBuild;
import io.featurekv.bench.engine.Store;
import io.featurekv.bench.report.Stages;
import java.io.IOException;
import java.nio.file.Path;

/** Sparkey: entries appended as they come, then their hash index. */
public final class SparkeyLog implements BulkBuild {
  @Override
  public String name() {
    return "sparkey";
  }

  @Override
  public String description() {
    return "Sparkey, uncompressed: appended as they come, then the hash index; forced";
  }

  @Override
  public void build(Path directory, RowFeed rows, Stages stages) throws IOException {
    try (SparkeyWriter writer =
        Sparkey.createNew(SparkeyEngine.index(directory), CompressionType.NONE, 0)) {
      writer.setFsync(true);
      rows.feed(writer::put);
      writer.flush();
      stages.end("put");
      writer.writeHash();
    }
    stages.end("index");
  }

  @Override
  public Store open(Path directory) throws IOException {
    return new SparkeyEngine().open(directory);
  }
}
