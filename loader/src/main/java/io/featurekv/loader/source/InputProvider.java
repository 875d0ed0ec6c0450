package io.featurekv.loader.source;

import java.util.List;
import java.util.Set;

/**
 * Reads addresses of some schemes: {@code scheme:rest}. Found with {@link java.util.ServiceLoader},
 * so that whoever puts an implementation on the class path can load from elsewhere. Instances are
 * made anew for each search, and used by one thread; the inputs they give are not.
 */
public interface InputProvider {
  /** The schemes, in lower case and without the colon. */
  Set<String> schemes();

  /**
   * The inputs that an address names, in order. One that is bytes in a known format is made with
   * {@link Inputs#of}.
   *
   * @throws io.featurekv.model.FeatureKvException INVALID_ARGUMENT where there is nothing that can
   *     be read
   */
  List<Input> find(String address, ReadOptions options);

  /**
   * Whether rows are entries already: they have the columns {@link Inputs#KEY_COLUMN} and {@link
   * Inputs#VALUE_COLUMN}, which are meant where no others are named.
   */
  default boolean givesEntries() {
    return false;
  }
}
