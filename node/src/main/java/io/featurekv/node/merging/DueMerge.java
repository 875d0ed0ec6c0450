package io.featurekv.node.merging;

import io.featurekv.metadata.ChainFile;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.FileManifest;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.wire.FileKey;
import io.featurekv.storage.ShardFileSpec;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * One chain that is long enough to be merged.
 *
 * @param files newest first
 */
public record DueMerge(TableRecord table, VersionRecord version, int shard, List<ChainFile> files) {
  public DueMerge {
    files = List.copyOf(files);
  }

  /** The file to be made. */
  public FileKey target() {
    return FileKey.merged(new ShardFileId(table.name(), version.number(), shard));
  }

  /** What the file will say of itself. */
  ShardFileSpec spec() {
    return new ShardFileSpec(target().id(), version.shardCount(), table.kind(), UpdateMode.FULL);
  }

  /** No more than so many bytes are read, and about so many written at most. */
  long bytes() {
    return sum(FileManifest::lengthBytes);
  }

  /** At most so many entries will be in the file. */
  long entries() {
    return sum(FileManifest::entries);
  }

  private long sum(ToLongFunction<FileManifest> part) {
    long sum = 0;
    for (ChainFile file : files) {
      FileManifest manifest = file.manifest();
      sum += manifest == null ? 0 : part.applyAsLong(manifest);
    }
    return sum;
  }
}
