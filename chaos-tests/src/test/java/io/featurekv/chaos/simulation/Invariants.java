package io.featurekv.chaos.simulation;

import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.Canary;
import io.featurekv.metadata.ChainFile;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.Placement;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.FileManifest;
import io.featurekv.model.ShardFileId;
import io.featurekv.node.reconcile.WantedChain;
import io.featurekv.node.wire.FileKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What must hold in a simulated world whatever happens, said anew and not by the product's own
 * rules. Each check counts; the first that fails ends the world.
 */
final class Invariants {
  private static final long GRACE_NANOS = 60_000_000_000L;

  /** For so long a node relies on another one's word on a file. */
  private static final long WORD_NANOS = TimeUnit.SECONDS.toNanos(4);

  private final World world;
  private final LifeOfVersions life = new LifeOfVersions(this);

  /** Which commands took effect, by operation id. */
  private final Map<String, Long> effects = new HashMap<>();

  /** What a version reads as, by shard. */
  private final Map<VersionKey, List<long[]>> readsAs = new HashMap<>();

  private final Map<VersionKey, Long> trialsBeganMillis = new HashMap<>();
  private final Set<ReadyKey> trulyReady = new HashSet<>();
  private final List<Pin> pins = new ArrayList<>();

  private record VersionKey(long tableId, long version) {}

  private record ReadyKey(String node, long session, String table, long version, int shard) {}

  /** A file that a process must not delete before a time. */
  private record Pin(SimulatedNode node, int process, FileKey key, long untilNanos) {}

  Invariants(World world) {
    this.world = world;
  }

  @SuppressWarnings("DoNotCallSuggester") // To be called wherever something is broken.
  void broken(String invariant, String what) {
    throw new InvariantBroken(invariant, what);
  }

  /** Counts a check; what it is that is broken, only a failed one has to say. */
  boolean holds(boolean isSo) {
    world.tally.checks++;
    return isSo;
  }

  World world() {
    return world;
  }

  /** I7: equal index, equal state. */
  void sameState(ClusterMetadata state, long hash) {
    world.tally.checks++;
    if (state.stateHash() != hash) {
      broken("I7", "two voters differ at index " + state.index());
    }
  }

  /** An entry of the log was applied. */
  @SuppressWarnings("ReferenceEquality") // Records are replaced when they change.
  void applied(
      ClusterMetadata before,
      CommandEnvelope envelope,
      ClusterMetadata.Applied applied,
      VoterGroup.Origin origin) {
    ClusterMetadata after = applied.metadata();
    CommandResult result = applied.result();
    if (!holds(after.index() == before.index() + 1)) {
      broken("I7", "index " + after.index() + " is not the next");
    }
    once(before, envelope, after, result);
    if (result.error() != null) {
      return;
    }
    if (envelope.command() instanceof Command.RegisterNode
        || envelope.command() instanceof Command.SetNodeState) {
      placement(before, after);
    }
    for (TableRecord table : after.tables().values()) {
      TableRecord old = before.tables().get(table.name());
      if (old != table) {
        life.changed(before, old, table, envelope, origin);
        sealed(old, table);
      }
    }
    for (TableRecord old : before.tables().values()) {
      if (!after.tables().containsKey(old.name())) {
        if (!holds(envelope.command() instanceof Command.DropTable)) {
          broken("I1", "table " + old.name() + " is gone by " + envelope.command());
        }
      }
    }
    if (envelope.command() instanceof Command.DropVersion drop) {
      pin(before, drop);
    }
    if (origin == VoterGroup.Origin.LEADER) {
      trial(before, after, envelope.command());
    }
    if (envelope.command() instanceof Command.ReportDropped drop) {
      stillFound(before, after, drop.table());
    } else if (envelope.command() instanceof Command.ReportMergedDropped drop) {
      stillFound(before, after, drop.table());
    }
    life.count(before, after, envelope.command(), origin);
  }

  /**
   * A version on trial becomes active by the leader only once it has been tried for long enough.
   */
  private void trial(ClusterMetadata before, ClusterMetadata after, Command command) {
    if (command instanceof Command.StartCanary start) {
      TableRecord was = before.tables().get(start.table());
      TableRecord is = after.tables().get(start.table());
      if (was != null && is != null && was.canary() == null && is.canary() != null) {
        trialsBeganMillis.put(new VersionKey(is.id(), start.version()), world.time.millis());
      }
    } else if (command instanceof Command.ActivateVersion activate) {
      TableRecord was = before.tables().get(activate.table());
      Canary canary = was == null ? null : was.canary();
      if (was != null && canary != null && canary.version() == activate.version()) {
        long began = trialsBeganMillis.get(new VersionKey(was.id(), canary.version()));
        if (!holds(world.time.millis() - began >= canary.bakeMillis())) {
          broken("canary", command + " before it was tried for " + canary.bakeMillis() + " ms");
        }
      }
    }
  }

  /** I6: what a node says that it has no more makes nobody forget where the rest is. */
  private void stillFound(ClusterMetadata before, ClusterMetadata after, String name) {
    TableRecord was = before.tables().get(name);
    TableRecord is = after.tables().get(name);
    if (was == null || is == null) {
      return;
    }
    for (VersionRecord version : was.versions().values()) {
      VersionRecord now = is.versions().get(version.number());
      for (int shard = 0; version.state().isKept() && shard < version.shardCount(); shard++) {
        if (!holds(
            !isRecoverable(was, version, shard)
                || (now != null && isRecoverable(is, now, shard)))) {
          broken(
              "I6",
              "shard "
                  + shard
                  + " of version "
                  + version.number()
                  + " of "
                  + name
                  + " is there and no longer known by a report");
        }
      }
    }
  }

  /** I9: whatever an operation id has done, it does not do again. */
  private void once(
      ClusterMetadata before,
      CommandEnvelope envelope,
      ClusterMetadata after,
      CommandResult result) {
    Command command = envelope.command();
    boolean isOncePerId =
        command instanceof Command.CreateTable
            || command instanceof Command.AlterTable
            || command instanceof Command.DropTable
            || command instanceof Command.BeginTask
            || command instanceof Command.SealVersion
            || command instanceof Command.FailTask
            || command instanceof Command.ActivateVersion
            || command instanceof Command.Rollback
            || command instanceof Command.DropVersion
            || command instanceof Command.FailVersion
            || command instanceof Command.RegisterNode;
    if (!isOncePerId) {
      return;
    }
    String id = identity(envelope);
    Long known = effects.get(id);
    if (known != null) {
      world.tally.done(
          result.error() == io.featurekv.model.ErrorCode.EXPIRED
              ? Operation.EXPIRED_COMMAND
              : Operation.REPEATED_COMMAND);
      boolean isSame =
          before.tables().equals(after.tables())
              && before.nodes().equals(after.nodes())
              && before.tasks().equals(after.tasks());
      if (!holds(isSame)) {
        broken("I9", command + " took effect at index " + known + " and again");
      }
    } else if (result.error() == null) {
      effects.put(id, after.index());
    }
  }

  /** A planted defect may give a retry another id: it is the same command at the same time. */
  private String identity(CommandEnvelope envelope) {
    return world.has(Defect.RETRY_UNDER_A_NEW_ID)
        ? envelope.issuedAtMillis() + " " + envelope.command()
        : envelope.operationId();
  }

  /** A node that comes takes its share, one that goes leaves its own; nothing else moves. */
  private void placement(ClusterMetadata before, ClusterMetadata after) {
    for (String sect : world.sects) {
      for (int shard = 0; shard < 4; shard++) {
        NodeRecord was = placed(before, sect, shard).orElse(null);
        NodeRecord is = placed(after, sect, shard).orElse(null);
        if (was == null || is == null || was.id().equals(is.id())) {
          continue;
        }
        NodeRecord wasNow = after.nodes().get(was.id());
        NodeRecord isBefore = before.nodes().get(is.id());
        boolean mayLeave =
            wasNow == null
                || wasNow.state() == NodeState.TAKEN_OVER
                || wasNow.weight() < was.weight();
        boolean mayCome =
            isBefore == null
                || isBefore.state() == NodeState.TAKEN_OVER
                || isBefore.weight() < is.weight();
        if (!holds(mayLeave || mayCome)) {
          broken(
              "placement",
              "shard " + shard + " moves from " + was.id() + " to " + is.id() + " for no reason");
        }
      }
    }
  }

  private Optional<NodeRecord> placed(ClusterMetadata metadata, String sect, int shard) {
    if (!world.has(Defect.PLACEMENT_MOVES_TOO_MUCH)) {
      return Placement.nodeFor(metadata, sect, "t0", shard);
    }
    List<NodeRecord> nodes =
        metadata.nodes().values().stream()
            .filter(node -> node.sect().equals(sect) && node.state() != NodeState.TAKEN_OVER)
            .toList();
    return nodes.isEmpty() ? Optional.empty() : Optional.of(nodes.get((shard + 7) % nodes.size()));
  }

  /** Takes down what a version that was sealed reads as. */
  private void sealed(@Nullable TableRecord old, TableRecord table) {
    for (VersionRecord version : table.versions().values()) {
      VersionRecord before = old == null ? null : old.versions().get(version.number());
      if (version.state() == VersionState.SEALED
          && (before == null || before.state() != VersionState.SEALED)) {
        List<long[]> parent =
            version.parent() == 0
                ? List.of()
                : readsAs.getOrDefault(new VersionKey(table.id(), version.parent()), List.of());
        List<long[]> cells = new ArrayList<>();
        for (int shard = 0; shard < version.shardCount(); shard++) {
          FileManifest manifest = version.shards().get(shard).manifest();
          FileContent content =
              manifest == null ? null : world.contents.get(manifest.digest().hex());
          if (!holds(content != null)) {
            broken("I1", "version " + version.number() + " was sealed of nothing");
          }
          if (content != null) {
            cells.add(
                parent.isEmpty()
                    ? content.cells()
                    : FileContent.read(List.of(content.cells(), parent.get(shard))));
          }
        }
        readsAs.put(new VersionKey(table.id(), version.number()), cells);
      }
    }
  }

  /** I2 and I4: what a node answers for a shard of a version is what was loaded. */
  void answered(
      TableRecord table, long version, int shard, List<FileContent> newestFirst, String by) {
    List<long[]> expected = readsAs.get(new VersionKey(table.id(), version));
    if (expected == null) {
      broken("I2", by + " answers for version " + version + ", which was never sealed");
      return;
    }
    long[] actual = FileContent.read(newestFirst.stream().map(FileContent::cells).toList());
    if (!holds(Arrays.equals(expected.get(shard), actual))) {
      broken(
          "I2",
          by
              + " answers for shard "
              + shard
              + " of version "
              + version
              + " with "
              + Arrays.toString(actual)
              + " from "
              + newestFirst
              + ", expected "
              + Arrays.toString(expected.get(shard)));
    }
  }

  /** I4: only what is what the metadata says is opened. */
  void opened(SimulatedNode node, WantedChain.WantedFile file, FileContent content) {
    FileContent right = world.contents.get(file.manifest().digest().hex());
    if (!holds(right != null && Arrays.equals(right.cells(), content.cells()))) {
      broken("I4", node.id + " opens " + content + " as " + file.key());
    }
  }

  /** A node says that it is ready. */
  void saysReady(SimulatedNode node, Command.ReportReady ready, int shard, boolean isOpen) {
    if (!holds(isOpen)) {
      broken("I10", node.id + " says that it is ready with what is not open: " + ready);
    }
    trulyReady.add(new ReadyKey(node.id, ready.session(), ready.table(), ready.version(), shard));
  }

  private boolean isTrulyReady(
      ClusterMetadata metadata, TableRecord table, VersionRecord version, int shard, String id) {
    NodeRecord node = metadata.nodes().get(id);
    return node != null
        && trulyReady.contains(
            new ReadyKey(id, node.session(), table.name(), version.number(), shard));
  }

  /** I10: somebody can really answer for every shard. */
  void answerable(ClusterMetadata metadata, TableRecord table, VersionRecord version) {
    for (int shard = 0; shard < version.shardCount(); shard++) {
      ShardRecord record = version.shards().get(shard);
      int number = shard;
      if (!holds(
          record.ready().stream()
              .anyMatch(id -> isTrulyReady(metadata, table, version, number, id)))) {
        broken("I10", "nobody has shard " + shard + " of version " + version.number() + " open");
      }
    }
  }

  /** What the leader decides, by the metadata that it had. */
  void decided(ClusterMetadata metadata, Command command) {
    if (command instanceof Command.AdvanceVersion advance && advance.to() == VersionState.READY) {
      TableRecord table = metadata.tables().get(advance.table());
      VersionRecord version = table == null ? null : table.versions().get(advance.version());
      if (!holds(table != null && version != null && isComplete(metadata, table, version))) {
        broken("I10", command + " although the sects that are asked for are not complete");
      }
    }
  }

  private boolean isComplete(ClusterMetadata metadata, TableRecord table, VersionRecord version) {
    Set<String> sects = new TreeSet<>();
    metadata.nodes().values().stream().filter(NodeRecord::serves).forEach(n -> sects.add(n.sect()));
    int complete = 0;
    boolean areOthersExcused = true;
    for (String sect : sects) {
      if (isCompleteIn(metadata, table, version, sect)) {
        complete++;
      } else {
        areOthersExcused &=
            metadata.nodes().values().stream()
                .anyMatch(
                    node ->
                        node.serves() && node.sect().equals(sect) && node.state() != NodeState.UP);
      }
    }
    return switch (table.options().activateWhen()) {
      case ActivateWhen.Live _ -> complete > 0 && areOthersExcused;
      case ActivateWhen.All _ -> complete == sects.size();
      case ActivateWhen.Sects(int count) -> complete >= Math.min(count, sects.size());
    };
  }

  private boolean isCompleteIn(
      ClusterMetadata metadata, TableRecord table, VersionRecord version, String sect) {
    for (int shard = 0; shard < version.shardCount(); shard++) {
      int number = shard;
      boolean isReady =
          version.shards().get(shard).ready().stream()
              .filter(id -> isTrulyReady(metadata, table, version, number, id))
              .map(metadata.nodes()::get)
              .anyMatch(node -> node.sect().equals(sect) && node.state() == NodeState.UP);
      if (!isReady) {
        return false;
      }
    }
    return true;
  }

  /** Who has a version open when it is dropped keeps it for its grace. */
  private void pin(ClusterMetadata before, Command.DropVersion drop) {
    pins.removeIf(pin -> world.time.nanos() >= pin.untilNanos());
    TableRecord table = before.tables().get(drop.table());
    VersionRecord version = table == null ? null : table.versions().get(drop.version());
    if (table == null || version == null || !version.state().isKept()) {
      return;
    }
    for (int shard = 0; shard < version.shardCount(); shard++) {
      WantedChain.Key key = new WantedChain.Key(table.name(), version.number(), shard);
      for (SimulatedNode node : world.nodes) {
        boolean isPlaced =
            placedFor(before, node.sect, table.name(), shard).filter(node.id::equals).isPresent();
        if (isPlaced && node.hasOpen(key)) {
          for (ChainFile file : table.chain(version, shard)) {
            FileKey needed = keyOf(table, file);
            if (node.usesFile(needed)) {
              pins.add(new Pin(node, node.process, needed, world.time.nanos() + GRACE_NANOS));
            }
          }
        }
      }
    }
  }

  private static Optional<String> placedFor(
      ClusterMetadata metadata, String sect, String table, int shard) {
    return Placement.nodeFor(metadata, sect, table, shard).map(NodeRecord::id);
  }

  private static FileKey keyOf(TableRecord table, ChainFile file) {
    return new FileKey(
        new ShardFileId(table.name(), file.version().number(), file.shard()), file.merged());
  }

  /** A process has ended: what it had open, nobody can be reading from it. */
  void stopped(SimulatedNode node) {
    pins.removeIf(pin -> pin.node() == node);
  }

  /** I6: what is deleted, nobody needs. */
  void deletes(SimulatedNode node, FileKey key) {
    SimulatedDisk.Whole whole = node.disk.files.get(key);
    if (whole == null || whole.isDamaged) {
      return;
    }
    for (Pin pin : pins) {
      boolean isPinned =
          pin.node() == node
              && pin.process() == node.process
              && pin.key().equals(key)
              && world.time.nanos() < pin.untilNanos();
      if (!holds(!isPinned)) {
        broken("I6", node.id + " deletes " + key + " within 60 s of its last");
      }
    }
    ClusterMetadata metadata = world.group.newest();
    TableRecord table = metadata.tables().get(key.id().table());
    if (table == null) {
      return;
    }
    for (VersionRecord version : table.versions().values()) {
      if (version.state().isKept()
          && version.number() >= key.id().version()
          && key.id().shard() < version.shardCount()
          && isRecoverable(table, version, key.id().shard())) {
        if (!holds(isRecoverable(table, version, key.id().shard(), node, key::equals))) {
          broken(
              "I6",
              node.id
                  + " deletes the last copy of "
                  + key
                  + ", which version "
                  + version.number()
                  + " ("
                  + version.state()
                  + ") needs");
        }
      }
    }
  }

  /** Whether the files of a shard are somewhere. */
  boolean isRecoverable(TableRecord table, VersionRecord version, int shard) {
    return isRecoverable(table, version, shard, null, _ -> false);
  }

  /**
   * Whether they are without some of those that one node has, as far as anybody can know: what
   * happened to a file after the word of its node can have been given is passed over, and so is
   * damage that nobody has found.
   */
  boolean isRecoverable(
      TableRecord table,
      VersionRecord version,
      int shard,
      @Nullable SimulatedNode without,
      Predicate<FileKey> which) {
    return isThere(table, table.settledChain(version, shard), without, which)
        || isThere(table, table.chain(version, shard), without, which)
        || isThere(table, asLoaded(table, version, shard), without, which);
  }

  /** The files that were loaded, whatever has been merged since; empty where some are dropped. */
  private static List<ChainFile> asLoaded(TableRecord table, VersionRecord version, int shard) {
    List<ChainFile> files = new ArrayList<>();
    VersionRecord at = version;
    while (at != null && at.state().isKept()) {
      files.add(new ChainFile(at, shard, false));
      if (at.parent() == 0) {
        return files;
      }
      at = table.versions().get(at.parent());
    }
    return List.of();
  }

  private boolean isThere(
      TableRecord table,
      List<ChainFile> chain,
      @Nullable SimulatedNode without,
      Predicate<FileKey> which) {
    long wordNanos = world.time.nanos() - WORD_NANOS;
    for (ChainFile file : chain) {
      FileManifest manifest = file.manifest();
      FileKey key = keyOf(table, file);
      boolean isSomewhere = false;
      for (SimulatedNode node : world.nodes) {
        isSomewhere |=
            manifest != null
                && !node.isRetired
                && !(node == without && which.test(key))
                && (node.disk.isSound(key, manifest.digest())
                    || (without != null
                        && node.disk.canHaveBeenVouchedFor(key, manifest.digest(), wordNanos)));
      }
      if (!isSomewhere) {
        return false;
      }
    }
    return !chain.isEmpty();
  }
}
