package io.featurekv.metadata;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which versions a table need not keep any longer: a pure function. */
public final class RetentionRules {
  private RetentionRules() {}

  /**
   * Retained versions beyond the table's number, or older than its TTL, and not in the chain of
   * anything kept. Complete merged files cut chains, so that ancestors go. Nobody rolls back to a
   * canary that went back: it takes no place of another version, and only the newest one stays, for
   * as long as a retained version of its number would.
   *
   * @return their numbers, the newest first
   */
  public static List<Long> surplus(TableRecord table, long nowMillis) {
    Set<Long> needed = new HashSet<>();
    List<VersionRecord> retained = new ArrayList<>();
    for (VersionRecord version : table.versions().values()) {
      if (version.state() == VersionState.RETAINED || version.state() == VersionState.ROLLED_BACK) {
        retained.add(version);
      }
    }
    retained.sort(Comparator.comparingLong(VersionRecord::number).reversed());
    List<VersionRecord> surplus = new ArrayList<>();
    int places = table.options().retain();
    boolean hasEndedCanary = false;
    for (VersionRecord version : retained) {
      boolean wasActive = version.activatedAtMillis() != 0;
      boolean isBeyond = places == 0 || (!wasActive && hasEndedCanary);
      if (!wasActive) {
        hasEndedCanary = true;
      } else if (places > 0) {
        places--;
      }
      long ttl = table.options().versionTtlMillis();
      boolean isOld = ttl > 0 && nowMillis - version.retiredAtMillis() > ttl;
      if (isBeyond || isOld) {
        surplus.add(version);
      }
    }
    for (VersionRecord version : table.versions().values()) {
      boolean stays = version.state().isKept() && !surplus.contains(version);
      if (stays || version.state() == VersionState.BUILDING) {
        table.chain(version).stream().skip(1).forEach(ancestor -> needed.add(ancestor.number()));
      }
    }
    return surplus.stream()
        .map(VersionRecord::number)
        .filter(number -> !needed.contains(number))
        .toList();
  }
}
