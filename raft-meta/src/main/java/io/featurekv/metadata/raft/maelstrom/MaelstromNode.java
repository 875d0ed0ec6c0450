package io.featurekv.metadata.raft.maelstrom;

import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.OperationIds;
import io.featurekv.metadata.raft.MetadataVoter;
import io.featurekv.metadata.raft.VoterConfig;
import io.featurekv.model.FeatureKvException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A metadata voter behind lines of text. Until {@code init} came it is nobody: messages of peers
 * are dropped, requests of clients refused. With it the voter starts, in a group whose voters are
 * all nodes that {@code init} names.
 *
 * <p>{@link #receive} is for one thread; what comes out, comes from any.
 */
public final class MaelstromNode implements AutoCloseable {
  private static final int MAX_NODES = 15;
  private static final Pattern NODE_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");
  private static final long FORM_EVERY_MILLIS = 100;
  private static final long FORM_TIMEOUT_MILLIS = 2_000;
  private static final Logger LOG = LoggerFactory.getLogger(MaelstromNode.class);

  private final Settings settings;
  private final Consumer<Message> out;
  private final Function<MetadataVoter, Registers> toRegisters;
  private volatile @Nullable Running running;

  /**
   * How a node runs.
   *
   * @param directory where each node has a directory named like itself
   * @param electionTimeoutMin of the Raft group, see {@link VoterConfig}
   * @param electionTimeoutMax likewise
   * @param answerWithin how long a client waits: later answers are not sent
   * @param snapshotEveryEntries see {@link VoterConfig}
   */
  public record Settings(
      Path directory,
      Duration electionTimeoutMin,
      Duration electionTimeoutMax,
      Duration answerWithin,
      int snapshotEveryEntries) {}

  /** What there is after {@code init}. */
  private record Running(
      String nodeId,
      List<String> nodeIds,
      PeerCalls calls,
      MetadataVoter voter,
      RegisterRequests requests,
      ScheduledExecutorService forming) {}

  /**
   * A node that answers from the registers in the metadata.
   *
   * @param out takes a line to be sent, without its line break; called from any thread, must not
   *     block for long
   */
  public MaelstromNode(Settings settings, Consumer<String> out) {
    this(settings, out, VoterRegisters::new);
  }

  /** As above, with other registers over the voter. */
  public MaelstromNode(
      Settings settings, Consumer<String> out, Function<MetadataVoter, Registers> toRegisters) {
    this.settings = settings;
    this.out = message -> out.accept(message.line());
    this.toRegisters = toRegisters;
  }

  /**
   * Takes in a line. Blocks only for {@code init}, while the voter starts.
   *
   * @throws FeatureKvException when the voter cannot start, see {@link MetadataVoter#start}
   */
  public void receive(String line) {
    Message message;
    try {
      message = Message.parse(line);
    } catch (FeatureKvException e) {
      LOG.warn("Dropped {}", e.getMessage());
      return;
    }
    Running present = running;
    if (message.type().equals("init")) {
      init(message, present);
    } else if (present == null) {
      refuseBeforeInit(message);
    } else if (PeerCalls.isBetweenPeers(message)) {
      if (present.nodeIds().contains(message.src())) {
        present.calls().receive(message);
      }
    } else if (message.number("msg_id").isPresent()) {
      present.requests().handle(message);
    }
  }

  private void refuseBeforeInit(Message message) {
    if (!PeerCalls.isBetweenPeers(message) && message.number("msg_id").isPresent()) {
      out.accept(
          message.error(
              MaelstromError.TEMPORARILY_UNAVAILABLE, "this node has not been initialised yet"));
    }
  }

  private void init(Message message, @Nullable Running present) {
    String nodeId = message.text("node_id");
    List<String> nodeIds = texts(message.body().get("node_ids"));
    String wrong = faultOf(nodeId, nodeIds);
    if (wrong == null && present != null && !present.nodeId().equals(nodeId)) {
      wrong = "this node is " + present.nodeId() + " already";
    }
    if (wrong != null) {
      out.accept(message.error(MaelstromError.MALFORMED_REQUEST, wrong));
      return;
    }
    if (present == null) {
      running = start(nodeId, nodeIds);
    }
    out.accept(message.reply("init_ok", Map.of()));
  }

  private static List<String> texts(@Nullable Object value) {
    List<String> texts = new ArrayList<>();
    if (value instanceof List<?> list) {
      list.forEach(item -> texts.add(String.valueOf(item)));
    }
    return texts;
  }

  private static @Nullable String faultOf(String nodeId, List<String> nodeIds) {
    if (nodeIds.isEmpty() || nodeIds.size() > MAX_NODES || !nodeIds.contains(nodeId)) {
      return "node_ids must be 1 to "
          + MAX_NODES
          + " ids with node_id among them, not "
          + nodeIds
          + " with '"
          + nodeId
          + "'";
    }
    return nodeIds.stream()
        .filter(id -> !NODE_ID.matcher(id).matches())
        .findFirst()
        .map(id -> "node id '" + id + "' is not like " + NODE_ID)
        .orElse(null);
  }

  private Running start(String nodeId, List<String> nodeIds) {
    PeerCalls calls = new PeerCalls(nodeId, out);
    Map<String, String> voters = new TreeMap<>();
    nodeIds.forEach(id -> voters.put(id, id));
    String clusterId =
        UUID.nameUUIDFromBytes(String.join(" ", voters.keySet()).getBytes(StandardCharsets.UTF_8))
            .toString();
    VoterConfig config =
        new VoterConfig(
            clusterId,
            nodeId,
            nodeId,
            nodeId,
            settings.directory().resolve(nodeId),
            true,
            settings.electionTimeoutMin(),
            settings.electionTimeoutMax(),
            settings.snapshotEveryEntries());
    MetadataVoter voter;
    try {
      Duration callTimeout = settings.electionTimeoutMin().dividedBy(2);
      voter =
          MetadataVoter.start(
              config,
              new MaelstromTransport(calls, callTimeout),
              voters,
              change -> {},
              snapshot -> LOG.info("A snapshot of index {} was taken over", snapshot.index()));
    } catch (RuntimeException e) {
      calls.close();
      throw e;
    }
    ScheduledExecutorService forming =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("maelstrom-forming").factory());
    Command form = new Command.FormCluster(clusterId, voterTarget(nodeIds.size()));
    ScheduledFuture<?> _ =
        forming.scheduleWithFixedDelay(
            () -> form(voter, form, forming), 0, FORM_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    RegisterRequests requests =
        new RegisterRequests(toRegisters.apply(voter), settings.answerWithin(), out);
    LOG.info("Voter {} of {} takes part, files in {}", nodeId, nodeIds, config.directory());
    return new Running(nodeId, nodeIds, calls, voter, requests, forming);
  }

  /** The metadata's own notion of how many voters there should be: 1, 3 or 5. */
  private static int voterTarget(int nodes) {
    return nodes < 3 ? 1 : nodes < 5 ? 3 : 5;
  }

  /** The leader forms the cluster; that it was formed before is a refusal without an effect. */
  private static void form(MetadataVoter voter, Command form, ScheduledExecutorService forming) {
    if (voter.current().isFormed()) {
      forming.shutdown();
    } else if (voter.isLeader()) {
      long now = System.currentTimeMillis();
      try {
        CommandResult _ =
            voter
                .propose(
                    new CommandEnvelope(OperationIds.next(now), now, form), FORM_TIMEOUT_MILLIS)
                .join();
      } catch (RuntimeException e) {
        LOG.info("The cluster could not be formed yet: {}", e.getMessage());
      }
    }
  }

  /** The voter, once there is one. It stays this node's. */
  public Optional<MetadataVoter> voter() {
    Running present = running;
    return present == null ? Optional.empty() : Optional.of(present.voter());
  }

  /** Ends the voter, if there is one; idempotent. */
  @Override
  public void close() {
    Running present = running;
    if (present != null) {
      present.forming().shutdownNow();
      present.voter().close();
      present.calls().close();
    }
  }
}
