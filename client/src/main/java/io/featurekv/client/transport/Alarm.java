package io.featurekv.client.transport;

import org.jspecify.annotations.Nullable;

/**
 * Something that happens after a while on one {@link NetworkThread}, unless it is called off: the
 * cheap kind of timer, of which thousands may be set and called off without a task being queued for
 * each. It may be set again after it rang or was called off. Confined to its network thread.
 */
public abstract class Alarm {
  @Nullable Alarm next;
  @Nullable Alarm previous;
  // When it rings; meaningful while it is set.
  long tick;
  boolean set;

  /** Called once on the network thread, not before the time that it was set for. */
  protected abstract void ring();
}
