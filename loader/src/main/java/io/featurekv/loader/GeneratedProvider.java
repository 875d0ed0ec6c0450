package io.featurekv.loader;

import io.featurekv.loader.source.Input;
import io.featurekv.loader.source.InputProvider;
import io.featurekv.loader.source.ReadOptions;
import java.util.List;
import java.util.Set;

/** Reads {@link GeneratedEntries}. */
public final class GeneratedProvider implements InputProvider {
  @Override
  public Set<String> schemes() {
    return Set.of("generate");
  }

  @Override
  public boolean givesEntries() {
    return true;
  }

  @Override
  public List<Input> find(String address, ReadOptions options) {
    return List.of(new GeneratedInput(address));
  }
}
