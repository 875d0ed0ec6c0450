package io.featurekv.loader.source;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Those who read addresses, by their schemes. */
final class InputProviders {
  /** Of two characters at least: a single one is a drive. */
  private static final Pattern ADDRESS = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):.*");

  private final TreeMap<String, InputProvider> byScheme = new TreeMap<>();

  /**
   * All that are on the class path.
   *
   * @throws FeatureKvException INVALID_ARGUMENT where two read the same addresses
   */
  InputProviders() {
    for (InputProvider provider :
        ServiceLoader.load(InputProvider.class, InputProvider.class.getClassLoader())) {
      for (String scheme : provider.schemes()) {
        InputProvider other = byScheme.put(scheme, provider);
        if (other != null) {
          throw new FeatureKvException(
              ErrorCode.INVALID_ARGUMENT,
              "addresses that begin with "
                  + scheme
                  + ": are read by both "
                  + other.getClass().getName()
                  + " and "
                  + provider.getClass().getName());
        }
      }
    }
  }

  /** Who reads an address; null where it is none, or nobody does. */
  @Nullable InputProvider find(String address) {
    Matcher matcher = ADDRESS.matcher(address);
    return matcher.matches() ? byScheme.get(matcher.group(1).toLowerCase(Locale.ROOT)) : null;
  }

  SortedSet<String> schemes() {
    return byScheme.navigableKeySet();
  }
}
