package io.featurekv.bench.profile;

import java.util.List;

/**
 * What is known of where the CPU time of a load's processes went.
 *
 * @param processes in the order of their names
 * @param missing a sentence for each recording that is not there as it should be
 */
public record Profiles(List<ProcessProfile> processes, List<String> missing) {
  /** Nothing was recorded. */
  public static final Profiles NONE = new Profiles(List.of(), List.of());

  public Profiles {
    processes = List.copyOf(processes);
    missing = List.copyOf(missing);
  }
}
