package io.featurekv.node.reconcile;

import io.featurekv.model.Digest;
import io.featurekv.node.wire.FileKey;
import io.featurekv.storage.ShardChain;
import io.featurekv.storage.ShardFileSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The shard files and chains that this node has open. Owned by the reconciling thread; only the
 * chains themselves are shared with readers, under leases.
 *
 * @param <F> an open file
 */
public final class OpenFiles<F> implements AutoCloseable {
  private final Function<List<F>, ShardChain> chaining;
  private final Consumer<F> closing;
  private final LongSupplier nanoTime;
  private final Map<FileKey, OpenFile<F>> files = new HashMap<>();
  private final Map<WantedChain.Key, Opened> chains = new HashMap<>();

  /**
   * Chains that a shorter one has replaced, while reads that found them may still be on their way.
   */
  private final List<Replaced> replaced = new ArrayList<>();

  private record Opened(ShardChain chain, List<FileKey> files) {}

  private record Replaced(Opened opened, long sinceNanos) {}

  /** An open file, and which bytes under which description it was opened as. */
  private record OpenFile<F>(F file, Digest digest, ShardFileSpec spec) {}

  /**
   * Nothing is open at first.
   *
   * @param chaining makes a chain, which takes one more reference on each of the files
   * @param closing gives the opener's reference on a file back
   * @param nanoTime a monotonic clock
   */
  public OpenFiles(
      Function<List<F>, ShardChain> chaining, Consumer<F> closing, LongSupplier nanoTime) {
    this.chaining = chaining;
    this.closing = closing;
    this.nanoTime = nanoTime;
  }

  /** Whether these very bytes are open. */
  boolean isOpenAs(WantedChain.WantedFile wanted) {
    OpenFile<F> open = files.get(wanted.key());
    return open != null
        && open.digest().equals(wanted.manifest().digest())
        && open.spec().equals(wanted.spec());
  }

  /** Files that are open and should be of other bytes; where {@code right} is empty any may be. */
  List<FileKey> otherThan(Function<FileKey, Optional<Digest>> right) {
    List<FileKey> other = new ArrayList<>();
    files.forEach(
        (key, open) -> {
          if (right.apply(key).filter(digest -> !digest.equals(open.digest())).isPresent()) {
            other.add(key);
          }
        });
    return other;
  }

  boolean isOpen(FileKey key) {
    return files.containsKey(key);
  }

  /** As which bytes it is open. */
  Optional<Digest> digestOf(FileKey key) {
    return Optional.ofNullable(files.get(key)).map(OpenFile::digest);
  }

  /** Takes over the opener's reference. */
  void add(WantedChain.WantedFile wanted, F file) {
    files.put(wanted.key(), new OpenFile<>(file, wanted.manifest().digest(), wanted.spec()));
  }

  /** The chain by which readers reach a shard; null while it is not open. */
  public @Nullable ShardChain chain(WantedChain.Key key) {
    Opened opened = chains.get(key);
    return opened == null ? null : opened.chain();
  }

  Set<WantedChain.Key> chainKeys() {
    return Set.copyOf(chains.keySet());
  }

  /** Whether a chain is open by these very files. */
  boolean isOpenBy(WantedChain.Key key, List<WantedChain.WantedFile> files) {
    Opened opened = chains.get(key);
    if (opened == null || opened.files().size() != files.size()) {
      return false;
    }
    for (int i = 0; i < files.size(); i++) {
      if (!opened.files().get(i).equals(files.get(i).key())) {
        return false;
      }
    }
    return true;
  }

  /**
   * Opens a chain whose files are all open; does nothing while one is missing. A chain that is open
   * by other files stays readable until {@link #closeReplaced}.
   */
  void openChain(WantedChain.Key key, List<WantedChain.WantedFile> wanted) {
    if (isOpenBy(key, wanted) || !wanted.stream().allMatch(this::isOpenAs)) {
      return;
    }
    Opened opened = new Opened(chaining.apply(openFiles(wanted)), keys(wanted));
    Opened before = chains.put(key, opened);
    if (before != null) {
      replaced.add(new Replaced(before, nanoTime.getAsLong()));
    }
  }

  /** References on files of which every one is open, as a chain of their own; empty otherwise. */
  Optional<LeasedFiles<F>> lease(List<WantedChain.WantedFile> wanted) {
    if (!wanted.stream().allMatch(this::isOpenAs)) {
      return Optional.empty();
    }
    List<F> newestFirst = openFiles(wanted);
    return Optional.of(new LeasedFiles<>(newestFirst, chaining.apply(newestFirst)));
  }

  private List<F> openFiles(List<WantedChain.WantedFile> wanted) {
    List<F> newestFirst = new ArrayList<>(wanted.size());
    for (WantedChain.WantedFile file : wanted) {
      OpenFile<F> open = files.get(file.key());
      if (open == null) {
        throw new IllegalStateException(file.key() + " is not open");
      }
      newestFirst.add(open.file());
    }
    return newestFirst;
  }

  private static List<FileKey> keys(List<WantedChain.WantedFile> files) {
    return files.stream().map(WantedChain.WantedFile::key).toList();
  }

  /** Closes chains that were replaced longer ago than {@code graceNanos}. */
  void closeReplaced(long graceNanos) {
    long now = nanoTime.getAsLong();
    replaced.removeIf(
        old -> {
          boolean isOver = now - old.sinceNanos() > graceNanos;
          if (isOver) {
            old.opened().chain().close();
          }
          return isOver;
        });
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
  List<FileKey> closeUnused(Set<FileKey> wanted) {
    Set<FileKey> used = usedFiles();
    used.addAll(wanted);
    List<FileKey> closed = new ArrayList<>();
    files
        .entrySet()
        .removeIf(
            entry -> {
              boolean unused = !used.contains(entry.getKey());
              if (unused) {
                closing.accept(entry.getValue().file());
                closed.add(entry.getKey());
              }
              return unused;
            });
    return closed;
  }

  /** Closes one file and every chain that uses it. */
  List<WantedChain.Key> closeFile(FileKey key) {
    List<WantedChain.Key> broken = new ArrayList<>();
    for (Map.Entry<WantedChain.Key, Opened> entry : Map.copyOf(chains).entrySet()) {
      if (entry.getValue().files().contains(key)) {
        broken.add(entry.getKey());
        closeChain(entry.getKey());
      }
    }
    replaced.removeIf(
        old -> {
          boolean isBroken = old.opened().files().contains(key);
          if (isBroken) {
            old.opened().chain().close();
          }
          return isBroken;
        });
    OpenFile<F> open = files.remove(key);
    if (open != null) {
      closing.accept(open.file());
    }
    return broken;
  }

  /** Files that open chains use. */
  public Set<FileKey> usedFiles() {
    Set<FileKey> used = new HashSet<>();
    chains.values().forEach(opened -> used.addAll(opened.files()));
    replaced.forEach(old -> used.addAll(old.opened().files()));
    return used;
  }

  @Override
  public void close() {
    for (WantedChain.Key key : chainKeys()) {
      closeChain(key);
    }
    replaced.forEach(old -> old.opened().chain().close());
    replaced.clear();
    files.values().forEach(open -> closing.accept(open.file()));
    files.clear();
  }
}
