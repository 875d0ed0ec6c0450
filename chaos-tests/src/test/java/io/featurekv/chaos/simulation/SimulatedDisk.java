package io.featurekv.chaos.simulation;

import io.featurekv.model.Digest;
import io.featurekv.node.shipping.Disk;
import io.featurekv.node.wire.FileKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The disk of one node, which outlives its processes. */
final class SimulatedDisk implements Disk {
  /** A whole file; {@code isDamaged} once its bytes are no longer those of its content. */
  static final class Whole {
    final FileContent content;
    boolean isDamaged;

    private @Nullable Long foundNanos;

    Whole(FileContent content) {
      this.content = content;
    }

    /** Its node has noticed the damage. */
    void isFoundFrom(long nanos) {
      if (foundNanos == null) {
        foundNanos = nanos;
      }
    }

    boolean isFoundBefore(long nanos) {
      return foundNanos != null && foundNanos < nanos;
    }

    boolean is(Digest digest) {
      return content.digest().equals(digest);
    }
  }

  /** A whole file that something outside of the product has removed. */
  private record Vanished(Whole file, long nanos) {}

  final Map<FileKey, Whole> files = new TreeMap<>(SimulatedDisk::compare);
  final Map<FileKey, FileContent> builtElsewhere = new HashMap<>();

  private final Map<FileKey, Vanished> vanished = new HashMap<>();
  private final Set<FileKey> incoming = new HashSet<>();
  private final Set<FileKey> parts = new HashSet<>();
  private final Set<FileKey> provedByTaker = new HashSet<>();
  private final Consumer<FileKey> onDelete;
  boolean isFull;

  /** {@code onDelete} hears of a whole file before it is deleted. */
  SimulatedDisk(Consumer<FileKey> onDelete) {
    this.onDelete = onDelete;
  }

  private static int compare(FileKey one, FileKey other) {
    int byTable = one.id().table().compareTo(other.id().table());
    int byVersion = byTable != 0 ? byTable : Long.compare(one.id().version(), other.id().version());
    int byShard =
        byVersion != 0 ? byVersion : Integer.compare(one.id().shard(), other.id().shard());
    return byShard != 0 ? byShard : Boolean.compare(one.merged(), other.merged());
  }

  /** What is kept by the process alone is gone. */
  void restart() {
    parts.addAll(incoming);
    incoming.clear();
    provedByTaker.clear();
  }

  /** Something outside of the product removes a file, while the node is down. */
  void vanish(FileKey key, long nanos) {
    Whole file = files.remove(key);
    if (file != null) {
      vanished.put(key, new Vanished(file, nanos));
    }
  }

  /**
   * Whether the node can have said at this time or since that it has a file, and nobody can have
   * been told better: it is there, or had not vanished and no damage of it was found before.
   */
  boolean canHaveBeenVouchedFor(FileKey key, Digest digest, long sinceNanos) {
    Whole file = files.get(key);
    Vanished gone = vanished.get(key);
    return (file != null && file.is(digest) && !file.isFoundBefore(sinceNanos))
        || (gone != null
            && gone.nanos() >= sinceNanos
            && gone.file().is(digest)
            && !gone.file().isFoundBefore(sinceNanos));
  }

  /** Whether it is there and sound. */
  boolean isSound(FileKey key, Digest digest) {
    Whole file = files.get(key);
    return file != null && file.is(digest) && !file.isDamaged;
  }

  void begin(FileKey key) {
    incoming.add(key);
  }

  void publish(FileKey key, FileContent content) {
    incoming.remove(key);
    parts.remove(key);
    files.put(key, new Whole(content));
  }

  /** As {@code FileStore.take}: what its builder has proved. */
  void take(FileKey key, FileContent content) {
    delete(key);
    files.put(key, new Whole(content));
    provedByTaker.add(key);
  }

  @Override
  public Optional<Digest> digestOf(FileKey key) {
    Whole file = files.get(key);
    return file == null ? Optional.empty() : Optional.of(file.content.digest());
  }

  @Override
  public Collection<FileKey> allStored() {
    return List.copyOf(files.keySet());
  }

  @Override
  public Collection<FileKey> allIncoming() {
    return List.copyOf(incoming);
  }

  @Override
  public boolean takeProof(FileKey key) {
    return provedByTaker.remove(key);
  }

  @Override
  public void delete(FileKey key) {
    if (files.containsKey(key)) {
      onDelete.accept(key);
    }
    files.remove(key);
    incoming.remove(key);
    parts.remove(key);
    provedByTaker.remove(key);
  }

  @Override
  public void removeStrays(Predicate<FileKey> isWanted) {
    parts.removeIf(key -> !incoming.contains(key) && !isWanted.test(key));
  }

  @Override
  public void removeStrayParts(Predicate<FileKey> isWanted) {
    removeStrays(isWanted);
  }

  /** Whether nothing but whole files is left. */
  boolean hasStrays() {
    return !parts.isEmpty() || !incoming.isEmpty();
  }
}
