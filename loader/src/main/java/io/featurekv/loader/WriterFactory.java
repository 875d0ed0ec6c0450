package io.featurekv.loader;

import io.featurekv.storage.ShardBuildOptions;
import io.featurekv.storage.ShardFileSpec;
import io.featurekv.storage.ShardWriter;
import java.nio.file.Path;

/** Where the writers of shard files come from. Called from several threads. */
@FunctionalInterface
interface WriterFactory {
  ShardWriter create(Path target, ShardFileSpec spec, ShardBuildOptions options);
}
