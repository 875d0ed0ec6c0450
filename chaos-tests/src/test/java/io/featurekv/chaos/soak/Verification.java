package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster.ServerNode;
import io.featurekv.chaos.soak.Changer.Acknowledged;
import io.featurekv.chaos.soak.History.Operation;
import io.featurekv.chaos.soak.History.Outcome;
import io.featurekv.chaos.soak.MetadataWatch.Turn;
import io.featurekv.client.ClientConfig;
import io.featurekv.client.FeatureKvClient;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.storage.ShardFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What must be true once the harm is over, the clients rest and the cluster is healthy: nothing
 * acknowledged is lost (I1), everything kept can be read and is right (I2, I4, I6), files are where
 * the metadata says (I6), all servers know the same (I7), and no virtual machine crashed (I12).
 */
final class Verification {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long PAUSE_MILLIS = 200;

  private final ChaosCluster cluster;
  private final Workload workload;
  private final History history;
  private final Checks checks;

  Verification(ChaosCluster cluster, Workload workload, History history, Checks checks) {
    this.cluster = cluster;
    this.workload = workload;
    this.history = history;
    this.checks = checks;
  }

  /** All of it; the workload must have stopped. */
  void run() throws IOException, InterruptedException {
    checkTakesChanges();
    ClusterMetadata metadata = settled();
    checkAcknowledgedTurns(metadata);
    checkUnaskedTurns();
    checkPublished(metadata);
    checkReads();
    checkFiles();
    checkSameEverywhere();
    checkWatched();
    checkNoCrash();
  }

  /** Nothing that has happened keeps the cluster from taking changes. */
  private void checkTakesChanges() {
    Command probe = new Command.CreateTable("probe", TableKind.MEM, Changer.options(1));
    History.Outcome outcome = workload.changer().change("create-table", "probe", probe);
    if (outcome != Outcome.OK) {
      checks.violated(11, "a healthy cluster does not take a new table: " + outcome);
    }
  }

  /** The metadata, once nothing is under way any more and the watch knows it. */
  private ClusterMetadata settled() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      ClusterMetadata metadata = workload.changer().read();
      Thread.sleep(PAUSE_MILLIS);
      boolean isQuiet = workload.changer().read().index() == metadata.index();
      boolean isKnown = workload.metadataWatch().index() >= metadata.index();
      if (isQuiet && isKnown) {
        return metadata;
      }
      if (System.nanoTime() - end > 0) {
        if (!isKnown) {
          checks.violated(
              0,
              "metadata-watch: it has come to index "
                  + workload.metadataWatch().index()
                  + " and not to "
                  + metadata.index());
        }
        return metadata;
      }
    }
  }

  private void checkAcknowledgedTurns(ClusterMetadata metadata) {
    for (Acknowledged change : workload.changer().acknowledged()) {
      boolean isTurn =
          change.kind().equals("activate")
              || change.kind().equals("swap")
              || change.kind().equals("rollback");
      if (isTurn) {
        checkTurn(change);
      }
      if (change.kind().equals("drop")) {
        TableRecord table = metadata.tables().get(change.table());
        VersionRecord version = table == null ? null : table.versions().get(change.version());
        if (version != null && version.state() != VersionState.DROPPED) {
          checks.violated(1, change + " was acknowledged, and now it is " + version.state());
        }
      }
      if (change.kind().equals("drop-table") && metadata.tables().containsKey(change.table())) {
        checks.violated(1, change + " was acknowledged, and the table is there");
      }
    }
    workload
        .metadataWatch()
        .turns()
        .forEach(
            (name, turns) -> {
              TableRecord table = metadata.tables().get(name);
              if (table != null && table.activeVersion() != turns.getLast().version()) {
                checks.violated(
                    1, name + " has version " + table.activeVersion() + ", last turn " + turns);
              }
            });
  }

  /** At the index at which it was acknowledged its version was the active one. */
  private void checkTurn(Acknowledged change) {
    Turn at = null;
    Turn next = null;
    for (Turn turn : workload.metadataWatch().turns(change.table())) {
      if (turn.index() <= change.index()) {
        at = turn;
      } else {
        next = next == null ? turn : next;
      }
    }
    boolean mayHaveBeenMissed = next != null && next.afterGap();
    boolean isRight = at != null && at.version() == change.version();
    if (!isRight && !mayHaveBeenMissed) {
      checks.violated(1, change + " was acknowledged, but the turns are " + at + ", " + next);
    }
  }

  /** A version that is active again without anybody having asked for it has come back by itself. */
  private void checkUnaskedTurns() {
    Set<Long> asked = new HashSet<>();
    workload.changer().acknowledged().forEach(change -> asked.add(change.index()));
    Set<String> doubtful = new HashSet<>();
    for (Operation operation : history.changes()) {
      if (operation.client().equals("changer") && operation.outcome() == Outcome.UNKNOWN) {
        doubtful.add(operation.table());
      }
    }
    workload
        .metadataWatch()
        .turns()
        .forEach(
            (table, turns) -> {
              Set<Long> before = new HashSet<>();
              boolean isSure = !doubtful.contains(table);
              for (Turn turn : turns) {
                isSure &= !turn.afterGap() || before.isEmpty();
                if (!before.add(turn.version()) && isSure && !asked.contains(turn.index())) {
                  checks.violated(
                      1, table + " went back to " + turn + " though nobody asked for it");
                }
              }
            });
  }

  private void checkPublished(ClusterMetadata metadata) {
    for (Operation load : history.changes()) {
      boolean isPublish =
          load.client().equals("publisher")
              && load.outcome() == Outcome.OK
              && load.detail().endsWith("ACTIVE");
      TableRecord table = metadata.tables().get(load.table());
      if (!isPublish) {
        continue;
      }
      VersionRecord version = table == null ? null : table.versions().get(load.version());
      Optional<VersionState> state =
          version == null
              ? workload
                  .metadataWatch()
                  .versions()
                  .find(load.table(), load.version())
                  .map(KnownVersions.Known::state)
              : Optional.of(version.state());
      boolean isLost =
          state.isEmpty()
              || state.get() == VersionState.FAILED
              || state.get() == VersionState.BUILDING;
      if (isLost) {
        checks.violated(1, "the acknowledged " + load + " is " + state);
      }
    }
  }

  private void checkReads() throws InterruptedException {
    try (FeatureKvClient client =
        FeatureKvClient.connect(
            ClientConfig.of(String.join(",", cluster.processes().endpoints())))) {
      for (ProvingEntries entries : workload.profile().tables()) {
        TableRecord table = workload.changer().read().tables().get(entries.table());
        for (VersionRecord version : table.versions().values()) {
          boolean isReadable =
              version.state() == VersionState.ACTIVE
                  || version.state() == VersionState.RETAINED
                  || version.state() == VersionState.ROLLED_BACK
                  || version.state() == VersionState.READY;
          if (isReadable) {
            readAll(client, entries, version.number());
          }
        }
      }
    }
  }

  private void readAll(FeatureKvClient client, ProvingEntries entries, long version)
      throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        ProvingReader.proveAll(
            client, entries, version, workload.metadataWatch().versions(), checks);
        return;
      } catch (FeatureKvException e) {
        if (!isKept(entries.table(), version)) {
          return;
        }
        if (System.nanoTime() - end > 0) {
          checks.violated(
              6,
              "version "
                  + version
                  + " of "
                  + entries.table()
                  + " is kept but cannot be read: "
                  + e.getMessage());
          return;
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  private boolean isKept(String table, long version) {
    VersionRecord record = workload.changer().read().tables().get(table).versions().get(version);
    return record != null && record.state().isKept();
  }

  /** What nodes are said to hold is on their disks, to the byte. */
  private void checkFiles() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    List<String> wrong = wrongFiles();
    while (!wrong.isEmpty() && System.nanoTime() - end < 0) {
      Thread.sleep(PAUSE_MILLIS);
      wrong = wrongFiles();
    }
    wrong.forEach(what -> checks.violated(6, what));
  }

  private List<String> wrongFiles() {
    List<String> wrong = new ArrayList<>();
    ClusterMetadata metadata = workload.changer().read();
    for (TableRecord table : metadata.tables().values()) {
      for (VersionRecord version : table.versions().values()) {
        for (int shard = 0; version.state().isKept() && shard < version.shardCount(); shard++) {
          ShardRecord record = version.shards().get(shard);
          for (ServerNode node : cluster.servers()) {
            if (record.holders().containsKey(node.id())) {
              Path file =
                  node.data()
                      .resolve(
                          "tables/" + table.name() + "/" + version.number() + "/" + shard + ".mdb");
              wrong(file, record).ifPresent(wrong::add);
            }
          }
        }
      }
    }
    return wrong;
  }

  private static Optional<String> wrong(Path file, ShardRecord record) {
    if (record.manifest() == null) {
      return Optional.empty();
    }
    if (!Files.exists(file)) {
      return Optional.of(file + " is said to be held and is not there");
    }
    try {
      return ShardFiles.digestPieces(file).digest().equals(record.manifest().digest())
          ? Optional.empty()
          : Optional.of(file + " is not what the metadata says");
    } catch (RuntimeException e) {
      return Optional.of(file + ": " + e);
    }
  }

  private void checkSameEverywhere() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      List<NodeProbe.Standing> standings = new ArrayList<>();
      for (ServerNode node : cluster.servers()) {
        workload.nodeWatch().look(node);
        workload.nodeWatch().probe().standing(node).ifPresent(standings::add);
      }
      boolean isEqual =
          standings.size() == cluster.servers().size()
              && standings.stream().map(NodeProbe.Standing::index).distinct().count() == 1;
      if (isEqual) {
        if (standings.stream().map(NodeProbe.Standing::stateHash).distinct().count() > 1) {
          checks.violated(7, "equal indexes, other hashes: " + standings);
        }
        return;
      }
      if (System.nanoTime() - end > 0) {
        checks.violated(11, "the servers do not come to the same index: " + standings);
        return;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** A watch that saw nothing has found nothing. */
  private void checkWatched() {
    List<String> never = workload.nodeWatch().neverSeen();
    if (!never.isEmpty()) {
      checks.violated(0, "node-watch: it never saw " + never);
    }
    if (workload.metadataWatch().turns().isEmpty()) {
      checks.violated(0, "metadata-watch: it never saw an activation");
    }
  }

  private void checkNoCrash() throws IOException {
    try (Stream<Path> files = Files.list(cluster.processes().directory())) {
      files
          .filter(file -> file.getFileName().toString().startsWith("hs_err"))
          .forEach(file -> checks.violated(12, "a virtual machine crashed: " + file));
    }
  }
}
