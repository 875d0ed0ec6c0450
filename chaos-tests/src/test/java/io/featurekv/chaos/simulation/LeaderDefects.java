package io.featurekv.chaos.simulation;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import java.util.ArrayList;
import java.util.List;

/** What a leader with a planted defect would decide besides. */
final class LeaderDefects {
  private LeaderDefects() {}

  static List<Command> planted(World world, ClusterMetadata metadata, List<Command> decided) {
    if (world.defect == null) {
      return decided;
    }
    List<Command> commands = new ArrayList<>(decided);
    for (TableRecord table : metadata.tables().values()) {
      for (VersionRecord version : table.versions().values()) {
        if (world.has(Defect.ACTIVATION_WITHOUT_READINESS)
            && version.state() == VersionState.LOADING) {
          commands.add(
              new Command.AdvanceVersion(table.name(), version.number(), VersionState.READY));
        }
        if (world.has(Defect.COLLECTOR_DROPS_RETAINED)
            && version.state() == VersionState.RETAINED) {
          commands.add(new Command.DropVersion(table.name(), version.number()));
        }
        if (world.has(Defect.ROLLBACK_IS_UNDONE) && version.state() == VersionState.ROLLED_BACK) {
          commands.add(new Command.ActivateVersion(table.name(), version.number()));
        }
      }
    }
    return commands;
  }
}
