package io.featurekv.metadata;

import io.featurekv.model.FileManifest;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The merged file of one shard of an incremental version: a full file that reads as the shard's
 * chain at that version does, and so may stand in for the version's own file and for its ancestors.
 *
 * @param manifest what the file must be; the first registration decides
 * @param holders node ids that have the file, proved, on disk
 * @param complete whether every node that had the chain has this file instead (see {@link
 *     MergeRules#mayComplete}): from then on nobody needs the files that it stands in for
 */
public record MergedFile(FileManifest manifest, SortedSet<String> holders, boolean complete) {
  public MergedFile {
    holders = Collections.unmodifiableSortedSet(new TreeSet<>(holders));
  }

  MergedFile withHolder(String nodeId) {
    if (holders.contains(nodeId)) {
      return this;
    }
    SortedSet<String> more = new TreeSet<>(holders);
    more.add(nodeId);
    return new MergedFile(manifest, more, complete);
  }

  MergedFile withoutHolder(String nodeId) {
    if (!holders.contains(nodeId)) {
      return this;
    }
    SortedSet<String> fewer = new TreeSet<>(holders);
    fewer.remove(nodeId);
    return new MergedFile(manifest, fewer, complete);
  }

  MergedFile completed() {
    return complete ? this : new MergedFile(manifest, holders, true);
  }
}
