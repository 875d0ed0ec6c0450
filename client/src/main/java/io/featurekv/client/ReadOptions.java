package io.featurekv.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How one read differs from others.
 *
 * @param version the version to read; 0: the active one
 * @param timeout the read's deadline; null: the client's
 */
public record ReadOptions(long version, @Nullable Duration timeout) {
  /** The active version, the client's timeout. */
  public static final ReadOptions DEFAULT = new ReadOptions(0, null);

  public ReadOptions {
    if (timeout != null) {
      ClientConfig.checkTimeout(timeout);
    }
  }

  /** The same at another version. */
  public ReadOptions withVersion(long newVersion) {
    return new ReadOptions(newVersion, timeout);
  }

  /** The same with another timeout. */
  public ReadOptions withTimeout(Duration newTimeout) {
    return new ReadOptions(version, newTimeout);
  }
}
