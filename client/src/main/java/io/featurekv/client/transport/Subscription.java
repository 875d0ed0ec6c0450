package io.featurekv.client.transport;

/** An open stream. */
public interface Subscription {
  /** Ends it; the listener hears nothing more. Idempotent. */
  void cancel();
}
