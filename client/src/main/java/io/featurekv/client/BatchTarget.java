package io.featurekv.client;

import io.featurekv.client.RoutingView.Version;
import io.featurekv.model.KeyHash;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What one batch reads, once it is pinned: the version, the time and the sect, and who is asked for
 * which keys of it. One thread at a time.
 *
 * <p>Invariants: the read time is taken once, and stays when another version is pinned; {@code
 * epoch} tells what belongs to which pinning. A version on trial is pinned where its sect is
 * chosen, like any other for the whole batch: whoever is asked in another sect is asked for the
 * same version.
 */
final class BatchTarget {
  private final Session session;
  private final Pin pin;
  private final byte[][] keys;
  private final int turn;

  private int @Nullable [] hashes;
  private @Nullable Version version;
  private long readTimeMillis;
  private String sect = "";
  private boolean isCanary;
  private boolean mayBeCanary;
  private int epoch;

  BatchTarget(Session session, Pin pin, byte[][] keys, int turn) {
    this.session = session;
    this.pin = pin;
    this.keys = keys;
    this.turn = turn;
    this.mayBeCanary = !pin.chosenByCaller();
  }

  boolean isPinned() {
    return version != null;
  }

  /** The pinned version; 0 before. */
  long version() {
    return version == null ? 0 : version.number();
  }

  long readTimeMillis() {
    return readTimeMillis;
  }

  /** How often a version was pinned. */
  int epoch() {
    return epoch;
  }

  /** Pins a version, and plans whom to ask for all keys first. */
  PartPlan pin(RoutingView view, Version found) {
    if (epoch == 0) {
      readTimeMillis = pin.readTimeMillis(session.routing());
    }
    epoch++;
    version = found;
    isCanary = false;
    Replicas replicas = replicas(view, found);
    RoutingView.Sect whole = replicas.wholeSect(session.config().preferredSect());
    if (whole != null) {
      whole = onTrial(view, whole);
      sect = whole.name();
      return whole.nodes().length == 1
          ? PartPlan.ofOne(view.nodes().get(whole.nodes()[0]))
          : PartPlan.ofSect(view, whole, hashes());
    }
    BitSet shards = new BitSet(found.shards());
    for (int hash : hashes()) {
      shards.set(KeyHash.shardOf(hash, found.shards()));
    }
    sect = replicas.sectFor(shards, session.config().preferredSect());
    return PartPlan.of(replicas, sect, null, hashes(), TryHistory.NONE);
  }

  /** The same sect, for the version that is on trial there if it can be read; pins that then. */
  private RoutingView.Sect onTrial(RoutingView view, RoutingView.Sect chosen) {
    Version canary = mayBeCanary ? view.canaryIn(pin.table(), chosen.name()) : null;
    RoutingView.Sect whole =
        canary == null ? null : replicas(view, canary).wholeSectOf(chosen.name());
    if (whole == null) {
      return chosen;
    }
    version = canary;
    isCanary = true;
    return whole;
  }

  /**
   * Whether the version on trial was pinned, and may be given up for the active one; the next
   * pinning does so.
   */
  boolean leaveTrial() {
    boolean leaves = isCanary;
    mayBeCanary &= !leaves;
    return leaves;
  }

  /** The low halves of the keys' hashes, which choose their shards. */
  private int[] hashes() {
    int[] known = hashes;
    if (known == null) {
      known = new int[keys.length];
      for (int i = 0; i < known.length; i++) {
        known[i] = (int) KeyHash.of(keys[i]);
      }
      hashes = known;
    }
    return known;
  }

  private Replicas replicas(RoutingView view, Version pinned) {
    return session.replicas(view, pinned, keys.length, turn);
  }

  /** Whether reads of the table are of another version by this routing, or of none. */
  boolean isOutdated(RoutingView view) {
    Version now = isCanary ? view.canaryIn(pin.table(), sect) : pin.in(view);
    return now == null || now.number() != version();
  }

  /** Whoever comes next for some keys; null when the routing does not have the version any more. */
  @Nullable PartPlan next(RoutingView view, int @Nullable [] wanted, TryHistory history) {
    Version now = view.version(pin.table(), version());
    return now == null ? null : PartPlan.of(replicas(view, now), sect, wanted, hashes(), history);
  }

  /** Other healthy holders of some keys; null likewise, or when there is no routing. */
  @Nullable PartPlan otherHolders(int @Nullable [] wanted, TryHistory history) {
    RoutingView view = session.routing().view();
    Version now = view == null ? null : view.version(pin.table(), version());
    return view == null || now == null
        ? null
        : PartPlan.ofOtherHolders(replicas(view, now), sect, wanted, hashes(), history);
  }
}
