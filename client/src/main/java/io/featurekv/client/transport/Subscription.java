package io.featurekv.client.transport;

/** A stream under way. */
public interface Subscription extends AutoCloseable {
  /**
   * Ends the stream: the other side is told, and the listener hears no more (but for a call that is
   * under way on another thread). Does not block; further calls do nothing.
   */
  @Override
  void close();
}
