package io.featurekv.chaos.soak;

import java.util.List;
import java.util.stream.Stream;

/** All scenarios that there are. */
final class Catalog {
  private Catalog() {}

  /** In the order in which {@code --list} shows them. */
  static List<Scenario> all() {
    return Stream.of(
            KillScenarios.all(),
            List.<Scenario>of(new SwapScenario()),
            DamageScenarios.all(),
            DiskScenarios.all(),
            MachineScenarios.all(),
            PartitionScenarios.all(),
            PauseScenarios.all(),
            MembershipScenarios.all(),
            WireScenarios.all(),
            LostReplyScenarios.all(),
            LaggingScenarios.all(),
            HostileScenarios.all())
        .flatMap(List::stream)
        .toList();
  }
}
