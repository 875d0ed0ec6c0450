package io.featurekv.loader;

import io.featurekv.storage.EntryTotals;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardBuildOptions;
import io.featurekv.storage.ShardFileSpec;
import io.featurekv.storage.ShardFiles;
import io.featurekv.storage.ShardWriter;
import java.nio.file.Path;
import java.util.function.IntConsumer;

/** Where shard files come from, and how they are read back. Called from several threads. */
interface WriterFactory {
  ShardWriter create(Path target, ShardFileSpec spec, ShardBuildOptions options);

  /**
   * What a reader finds in a sealed file.
   *
   * @param readBytes hears of bytes that are read; throws when reading is to stop
   */
  EntryTotals readBack(SealedShardFile file, IntConsumer readBytes);

  /** The real ones. */
  WriterFactory REAL =
      new WriterFactory() {
        @Override
        public ShardWriter create(Path target, ShardFileSpec spec, ShardBuildOptions options) {
          return ShardFiles.create(target, spec, options);
        }

        @Override
        public EntryTotals readBack(SealedShardFile file, IntConsumer readBytes) {
          return ShardFiles.entriesChecksum(file.path(), file.spec(), readBytes);
        }
      };
}
