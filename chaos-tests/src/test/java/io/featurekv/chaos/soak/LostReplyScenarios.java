package io.featurekv.chaos.soak;

import io.featurekv.chaos.instruments.TcpProxy.Fault;
import io.featurekv.chaos.soak.ProxiedLayout.Proxied;
import io.featurekv.chaos.soak.Scenario.Least;
import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.OperationIds;
import io.featurekv.metadata.TableOptions;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.model.TableKind;
import io.featurekv.node.admin.ClusterAdmin;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Changes whose replies are lost and that are asked for again much later (fault 11). What must hold
 * is I9: a table that was made, dropped since, and is asked for again under the first operation id
 * must not come back.
 */
final class LostReplyScenarios {
  /** Ratis itself forgets what it has answered after 60 s. */
  private static final Duration LATE = Duration.ofSeconds(70);

  private static final Duration SOON = Duration.ofSeconds(2);
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Least LEAST = new Least(1, 100, 1);

  private LostReplyScenarios() {}

  static List<Scenario> all() {
    return List.of(
        lostReply("lost-reply", SOON, "soon after"),
        lostReply("lost-reply-70s", LATE, "70 s later"));
  }

  private static Scenario lostReply(String name, Duration pause, String when) {
    return new Strikes(
        name,
        "The reply to a change is lost, and it is asked for again " + when + ".",
        Set.of(11),
        new ProxiedLayout(),
        LEAST,
        harm -> strike(harm, name, pause));
  }

  private static void strike(Harm harm, String name, Duration pause) throws InterruptedException {
    String table = "lost-" + Long.toHexString(harm.random().nextLong());
    String operationId = OperationIds.next(System.currentTimeMillis());
    TableOptions options =
        new TableOptions(1, 1, 0, Limits.MAX_VALUE_BYTES, new ActivateWhen.All());
    Command create = new Command.CreateTable(table, TableKind.MEM, options);
    if (!proposeUnheard(harm, operationId, create)) {
      return;
    }
    ClusterAdmin admin = harm.cluster().admin();
    if (!freshly(admin).tables().containsKey(table)) {
      harm.journal().note("the change did not take effect, or not yet");
      return;
    }
    harm.fired(name, "the reply to a change that took effect");
    insist(() -> admin.propose(new Command.DropTable(table)));
    harm.endure(pause);
    insist(() -> admin.propose(operationId, create));
    if (freshly(admin).tables().containsKey(table)) {
      harm.checks()
          .violated(
              9,
              "operation "
                  + operationId
                  + " took effect again "
                  + pause
                  + " later: table "
                  + table
                  + " came back");
    }
  }

  /** Whether the change was sent and no reply came. */
  private static boolean proposeUnheard(Harm harm, String operationId, Command create) {
    Proxied wires = (Proxied) harm.cluster().ground();
    List<Endpoint> endpoints =
        harm.cluster().processes().endpoints().stream().map(Endpoint::parse).toList();
    try (ClusterAdmin unheard = ClusterAdmin.connect(endpoints, CALL_TIMEOUT)) {
      unheard.read();
      long before = wires.proxy().fired(Fault.SWALLOWED);
      for (int server = 0; server < harm.cluster().servers().size(); server++) {
        wires.link(server, Wires.OUTSIDE).swallow();
      }
      try {
        unheard.propose(operationId, create);
        harm.journal().note("the reply came all the same");
        return false;
      } catch (FeatureKvException e) {
        harm.journal().note("unheard: " + e.code() + " " + e.getMessage());
        return wires.proxy().fired(Fault.SWALLOWED) > before;
      }
    } finally {
      wires.heal();
    }
  }

  /** What a server knows without the leader may be older than what is looked for. */
  private static ClusterMetadata freshly(ClusterAdmin admin) throws InterruptedException {
    AtomicReference<ClusterMetadata> fresh = new AtomicReference<>();
    insist(
        () -> {
          ClusterAdmin.MetadataView view = admin.read();
          if (!view.fresh()) {
            throw new FeatureKvException(ErrorCode.UNAVAILABLE, "no leader can be reached");
          }
          fresh.set(view.metadata());
        });
    return fresh.get();
  }

  /** The workload's harm is over: what is asked for is done in the end. */
  private static void insist(Runnable change) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        change.run();
        return;
      } catch (FeatureKvException e) {
        boolean mayWork =
            e.code() == ErrorCode.TRY_AGAIN
                || e.code() == ErrorCode.UNAVAILABLE
                || e.code() == ErrorCode.DEADLINE;
        if (!mayWork || System.nanoTime() - end > 0) {
          throw e;
        }
        Thread.sleep(CALL_TIMEOUT.toMillis() / 10);
      }
    }
  }
}
