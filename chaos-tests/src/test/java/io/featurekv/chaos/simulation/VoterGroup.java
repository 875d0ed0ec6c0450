package io.featurekv.chaos.simulation;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.MetadataCodec;
import io.featurekv.metadata.OperationIds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The replicated log of the metadata: what is in it stays in it, voters apply it each for itself
 * and late, and what is proposed may be lost, late or doubled.
 */
final class VoterGroup {
  /** Who thought of a command. */
  enum Origin {
    CLIENT,
    NODE,
    LEADER
  }

  private static final long ANSWER_PATIENCE_MILLIS = 5_000;

  private static final long DAY_MILLIS = 24 * 3_600_000L;

  private static final byte[] NOT_ENCODED = {};

  private final World world;
  private final List<byte[]> entries = new ArrayList<>();
  private final List<CommandEnvelope> envelopes = new ArrayList<>();

  /** By index: the state that the log makes, applied once and for all. */
  private final List<ClusterMetadata> states = new ArrayList<>(List.of(ClusterMetadata.empty()));

  /** State hashes that were asked for, by index. */
  private final Map<Long, Long> hashes = new TreeMap<>();

  private @Nullable SimulatedNode leader;

  VoterGroup(World world) {
    this.world = world;
  }

  ClusterMetadata newest() {
    return states.getLast();
  }

  ClusterMetadata at(long index) {
    return states.get((int) index);
  }

  long length() {
    return entries.size();
  }

  /** Without bytes in worlds that do not prove replication. */
  byte[] entry(long index) {
    return entries.get((int) index - 1);
  }

  CommandEnvelope envelope(long index) {
    return envelopes.get((int) index - 1);
  }

  long hash(long index) {
    return hashes.computeIfAbsent(index, i -> at(i).stateHash());
  }

  @Nullable SimulatedNode leader() {
    return leader;
  }

  /** The Raft configuration: peer id to address. */
  Map<String, String> configuration() {
    Map<String, String> configuration = new TreeMap<>();
    for (SimulatedNode node : world.nodes) {
      if (node.isVoter) {
        configuration.put(node.id + "-0", node.id + ":7001");
      }
    }
    return configuration;
  }

  /** A voter that can talk to most of the others leads, if there is one. */
  void elect(boolean another) {
    List<SimulatedNode> voters = world.nodes.stream().filter(node -> node.isVoter).toList();
    List<SimulatedNode> able = voters.stream().filter(SimulatedNode::isReachable).toList();
    SimulatedNode before = leader;
    if (able.size() * 2 <= voters.size()) {
      leader = null;
    } else if (another || leader == null || !able.contains(leader)) {
      leader = world.chance.of(able);
      if (before != null && leader != before) {
        world.fired(Fault.LEADER_CHANGE);
      }
      SimulatedNode now = leader;
      world.note(() -> now.id + " leads");
    }
  }

  /** Without going over the network. */
  CommandResult append(CommandEnvelope envelope, Origin origin) {
    byte[] bytes = world.provesReplication ? MetadataCodec.encodeCommand(envelope) : NOT_ENCODED;
    long index = entries.size() + 1L;
    ClusterMetadata before = newest();
    ClusterMetadata.Applied applied = before.apply(envelope, index);
    entries.add(bytes);
    envelopes.add(envelope);
    states.add(applied.metadata());
    world.tally.commands++;
    world.tally.refused += applied.result().error() == null ? 0 : 1;
    world.note(
        () -> index + " " + origin + " " + envelope.command() + " -> " + words(applied.result()));
    world.invariants.applied(before, envelope, applied, origin);
    return applied.result();
  }

  private static String words(CommandResult result) {
    return result.error() == null ? "done" : result.error() + " " + result.message();
  }

  /**
   * Proposes, as a node or client does it.
   *
   * @param answer hears the result, or null where nobody says what became of it
   */
  void propose(CommandEnvelope envelope, Origin origin, Consumer<@Nullable CommandResult> answer) {
    SimulatedNode asked = leader;
    if (asked == null || !asked.isReachable()) {
      world.time.after(ANSWER_PATIENCE_MILLIS, () -> answer.accept(null));
      return;
    }
    if (world.isStruck(40)) {
      world.fired(Fault.PROPOSAL_LOST);
      world.time.after(ANSWER_PATIENCE_MILLIS, () -> answer.accept(null));
      return;
    }
    if (world.isStruck(40)) {
      world.fired(Fault.PROPOSAL_DELAYED);
      world.time.after(ANSWER_PATIENCE_MILLIS, () -> answer.accept(null));
      boolean isForgotten = world.chance.oneIn(20);
      long lateMillis = isForgotten ? forgottenMillis() : world.chance.between(1, 90_000);
      world.time.after(
          lateMillis,
          () -> {
            // What is forgotten for longer than a calm world is waited for, never comes.
            if (!isForgotten || !world.isCalm) {
              append(envelope, origin);
            }
          });
      return;
    }
    if (world.isStruck(30)) {
      world.fired(Fault.PROPOSAL_DOUBLED);
      world.time.after(world.chance.between(20, 70_000), () -> append(again(envelope), origin));
    }
    boolean isReplyLost = world.isStruck(40);
    world.time.after(
        world.chance.between(1, 20),
        () -> {
          if (leader == null) {
            world.time.after(ANSWER_PATIENCE_MILLIS, () -> answer.accept(null));
            return;
          }
          CommandResult result = append(envelope, origin);
          if (isReplyLost) {
            world.fired(Fault.REPLY_LOST);
            world.time.after(ANSWER_PATIENCE_MILLIS, () -> answer.accept(null));
          } else {
            answer.accept(result);
          }
        });
  }

  /** Every other one comes when its id is likely to be forgotten, where days pass. */
  private long forgottenMillis() {
    return world.chance.between(world.chance.oneIn(2) ? 2 * DAY_MILLIS : 1, 4 * DAY_MILLIS);
  }

  private CommandEnvelope again(CommandEnvelope envelope) {
    boolean isUnderOtherId =
        world.has(Defect.RETRY_UNDER_A_NEW_ID)
            && !(envelope.command() instanceof Command.BeginTask);
    return isUnderOtherId
        ? new CommandEnvelope(
            OperationIds.next(envelope.issuedAtMillis(), world.chance.generator()),
            envelope.issuedAtMillis(),
            envelope.command())
        : envelope;
  }
}
