package io.featurekv.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How one read differs from others.
 *
 * @param version the version to read; 0: the active one
 * @param timeout the read's deadline; null: the client's
 * @param allowPartial whether a batch may succeed with some of its keys FAILED; else one key that
 *     fails fails all
 */
public record ReadOptions(long version, @Nullable Duration timeout, boolean allowPartial) {
  /** The active version, the client's timeout, FAILED for single keys. */
  public static final ReadOptions DEFAULT = new ReadOptions(0, null);

  /** A version and a timeout, and the rest by default. */
  public ReadOptions(long version, @Nullable Duration timeout) {
    this(version, timeout, true);
  }

  public ReadOptions {
    if (timeout != null) {
      ClientConfig.checkTimeout(timeout);
    }
  }

  /** The same at another version. */
  public ReadOptions withVersion(long newVersion) {
    return new ReadOptions(newVersion, timeout, allowPartial);
  }

  /** The same with another timeout. */
  public ReadOptions withTimeout(Duration newTimeout) {
    return new ReadOptions(version, newTimeout, allowPartial);
  }

  /** The same, with single keys that may fail, or all or nothing. */
  public ReadOptions withAllowPartial(boolean newAllowPartial) {
    return new ReadOptions(version, timeout, newAllowPartial);
  }
}
