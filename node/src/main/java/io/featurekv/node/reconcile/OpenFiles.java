package io.featurekv.node.reconcile;

import io.featurekv.model.Digest;
import io.featurekv.model.ShardFileId;
import io.featurekv.storage.OpenShardFile;
import io.featurekv.storage.ShardChain;
import io.featurekv.storage.ShardFileSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The shard files and chains that this node has open. Owned by the reconciling thread; only the
 * chains themselves are shared with readers, under leases.
 */
final class OpenFiles implements AutoCloseable {
  private final Map<ShardFileId, OpenFile> files = new HashMap<>();
  private final Map<WantedChain.Key, Opened> chains = new HashMap<>();

  private record Opened(ShardChain chain, Set<ShardFileId> files) {}

  /** An open file, and which bytes under which description it was opened as. */
  private record OpenFile(OpenShardFile file, Digest digest, ShardFileSpec spec) {}

  /** Whether these very bytes are open. */
  boolean isOpenAs(WantedChain.WantedFile wanted) {
    OpenFile open = files.get(wanted.id());
    return open != null
        && open.digest().equals(wanted.manifest().digest())
        && open.spec().equals(wanted.spec());
  }

  boolean isOpen(ShardFileId id) {
    return files.containsKey(id);
  }

  /** Takes over the opener's reference. */
  void add(WantedChain.WantedFile wanted, OpenShardFile file) {
    files.put(wanted.id(), new OpenFile(file, wanted.manifest().digest(), wanted.spec()));
  }

  @Nullable ShardChain chain(WantedChain.Key key) {
    Opened opened = chains.get(key);
    return opened == null ? null : opened.chain();
  }

  Set<WantedChain.Key> chainKeys() {
    return Set.copyOf(chains.keySet());
  }

  /** Opens a chain whose files are all open; does nothing while one is missing. */
  void openChain(WantedChain wanted) {
    List<OpenShardFile> newestFirst = new ArrayList<>();
    Set<ShardFileId> ids = new HashSet<>();
    for (WantedChain.WantedFile file : wanted.files()) {
      OpenFile open = files.get(file.id());
      if (open == null || !isOpenAs(file)) {
        return;
      }
      newestFirst.add(open.file());
      ids.add(file.id());
    }
    chains.put(wanted.key(), new Opened(ShardChain.of(newestFirst), ids));
  }

  /** Closes a chain for new readers; those inside finish. */
  void closeChain(WantedChain.Key key) {
    Opened opened = chains.remove(key);
    if (opened != null) {
      opened.chain().close();
    }
  }

  /**
   * Closes every file that no open chain uses and {@code isWanted} does not ask for; returns them.
   */
  List<ShardFileId> closeUnused(Set<ShardFileId> wanted) {
    Set<ShardFileId> used = new HashSet<>(wanted);
    chains.values().forEach(opened -> used.addAll(opened.files()));
    List<ShardFileId> closed = new ArrayList<>();
    files
        .entrySet()
        .removeIf(
            entry -> {
              boolean unused = !used.contains(entry.getKey());
              if (unused) {
                entry.getValue().file().close();
                closed.add(entry.getKey());
              }
              return unused;
            });
    return closed;
  }

  /** Closes one file and every chain that uses it. */
  List<WantedChain.Key> closeFile(ShardFileId id) {
    List<WantedChain.Key> broken = new ArrayList<>();
    for (Map.Entry<WantedChain.Key, Opened> entry : Map.copyOf(chains).entrySet()) {
      if (entry.getValue().files().contains(id)) {
        broken.add(entry.getKey());
        closeChain(entry.getKey());
      }
    }
    OpenFile open = files.remove(id);
    if (open != null) {
      open.file().close();
    }
    return broken;
  }

  Set<ShardFileId> usedFiles() {
    Set<ShardFileId> used = new HashSet<>();
    chains.values().forEach(opened -> used.addAll(opened.files()));
    return used;
  }

  long residentBytes() {
    return files.values().stream().mapToLong(open -> open.file().residentBytes()).sum();
  }

  @Override
  public void close() {
    for (WantedChain.Key key : chainKeys()) {
      closeChain(key);
    }
    files.values().forEach(open -> open.file().close());
    files.clear();
  }
}
