package io.featurekv.node.control;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.MetadataChange;
import io.featurekv.metadata.MetadataCodec;
import io.featurekv.node.wire.MetadataEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metadata as this node knows it, and who wants to hear of it.
 *
 * <p>Invariants: the index never goes back. Changes arrive from the local voter or from a watch
 * stream, each complete and in order from where it began, so that skipping what is already known
 * leaves no gap. The last {@link #MAX_RECENT_CHANGES} changes are kept for streams that resume.
 *
 * <p>Thread-safe. Listeners run on the thread that brings the change and must only hand the news
 * on.
 */
public final class MetadataFeed {
  /** How many changes a resuming stream may have missed before it gets a snapshot instead. */
  static final int MAX_RECENT_CHANGES = 4096;

  private static final Logger LOG = LoggerFactory.getLogger(MetadataFeed.class);

  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final Deque<MetadataChange> recent = new ArrayDeque<>();
  private volatile ClusterMetadata current;
  private long recentStartsAfter;

  /** A feed that begins with what was last stored, or with {@link ClusterMetadata#empty()}. */
  public MetadataFeed(ClusterMetadata initial) {
    this.current = initial;
    this.recentStartsAfter = initial.index();
  }

  /** The newest state known here. */
  public ClusterMetadata current() {
    return current;
  }

  /** Calls {@code listener} after every change from now on. */
  public void listen(Runnable listener) {
    listeners.add(listener);
  }

  /** Stops calling it. */
  public void unlisten(Runnable listener) {
    listeners.remove(listener);
  }

  /** News from the local voter. */
  public void onApplied(MetadataChange change) {
    synchronized (this) {
      if (change.after().index() <= current.index()) {
        return;
      }
      advance(change);
    }
    tell();
  }

  /** A whole state, from the local voter's snapshot or a stream; older ones are ignored. */
  public void onSnapshot(ClusterMetadata snapshot) {
    synchronized (this) {
      if (snapshot.index() <= current.index()) {
        return;
      }
      recent.clear();
      recentStartsAfter = snapshot.index();
      current = snapshot;
    }
    tell();
  }

  /**
   * News from a watch stream.
   *
   * @return false when the state after it is not the sender's: the caller must begin again with a
   *     snapshot
   */
  public boolean onEvent(MetadataEvent event) {
    if (event.snapshot()) {
      ClusterMetadata snapshot = MetadataCodec.decodeSnapshot(event.bytes());
      onSnapshot(snapshot);
      return true;
    }
    CommandEnvelope envelope = MetadataCodec.decodeCommand(event.bytes());
    synchronized (this) {
      if (event.index() <= current.index()) {
        return true;
      }
      ClusterMetadata after = current.apply(envelope, event.index()).metadata();
      if (after.stateHash() != event.stateHash()) {
        LOG.error(
            "metadata at index {} differs from the sender's (hash {} here, {} there); starting over"
                + " from a snapshot",
            event.index(),
            Long.toHexString(after.stateHash()),
            Long.toHexString(event.stateHash()));
        return false;
      }
      advance(new MetadataChange(event.bytes(), after));
    }
    tell();
    return true;
  }

  /**
   * Forgets what is known, so that any snapshot is taken; only for a state that turned out to be
   * wrong.
   */
  public void reset() {
    synchronized (this) {
      current = ClusterMetadata.empty();
      recent.clear();
      recentStartsAfter = 0;
    }
  }

  /**
   * What a stream that knows {@code knownIndex} must send next: changes, or one snapshot, or
   * nothing.
   */
  public List<MetadataEvent> since(long knownIndex) {
    List<MetadataChange> changes;
    ClusterMetadata now;
    synchronized (this) {
      now = current;
      if (now.index() == knownIndex || now.clusterId().isEmpty()) {
        return List.of();
      }
      if (knownIndex > 0 && knownIndex >= recentStartsAfter && knownIndex < now.index()) {
        changes = new ArrayList<>();
        for (MetadataChange change : recent) {
          if (change.after().index() > knownIndex) {
            changes.add(change);
          }
        }
      } else {
        changes = List.of();
      }
    }
    if (changes.isEmpty()) {
      return List.of(
          new MetadataEvent(true, now.index(), now.stateHash(), MetadataCodec.encodeSnapshot(now)));
    }
    List<MetadataEvent> events = new ArrayList<>(changes.size());
    for (MetadataChange change : changes) {
      ClusterMetadata after = change.after();
      events.add(new MetadataEvent(false, after.index(), after.stateHash(), change.envelope()));
    }
    return events;
  }

  private void advance(MetadataChange change) {
    recent.addLast(change);
    if (recent.size() > MAX_RECENT_CHANGES) {
      recentStartsAfter = recent.removeFirst().after().index();
    }
    current = change.after();
  }

  private void tell() {
    for (Runnable listener : listeners) {
      listener.run();
    }
  }
}
