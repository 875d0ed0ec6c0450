package io.featurekv.node.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.client.transport.Transport;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.Duty;
import io.featurekv.metadata.MetadataCodec;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.server.Admission;
import io.featurekv.node.server.EventLoops;
import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.IoTransport;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.server.NodeServer;
import io.featurekv.node.server.ServerIdentity;
import io.featurekv.node.wire.Proposal;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a node that is no voter tells of a command that it passed on to those that are. */
class ProposerTest {
  private static final CommandResult TAKEN = CommandResult.done(7, 0, 0);
  private static final long TIMEOUT_MILLIS = 60_000;

  private final EventLoops loops = EventLoops.start(IoTransport.best(), 1);
  private final Transport transport = Transport.start(1);
  private final MetadataScript script = new MetadataScript();
  private final List<NodeServer> voters = new ArrayList<>();
  private final List<ByteBuffer> proposed = new ArrayList<>();

  @AfterEach
  void stop() {
    voters.forEach(NodeServer::close);
    transport.close();
    loops.close();
  }

  /** One voter more, asked after those before. */
  private ProposerTest voter(MessageHandler handler) {
    NodeServer server =
        NodeServer.listen(
            loops,
            new Endpoint("127.0.0.1", 0),
            new ServerIdentity("c1", "n" + voters.size(), "a", () -> 1),
            Map.of(
                FrameType.PROPOSE,
                (MessageHandler)
                    exchange -> {
                      note(exchange);
                      handler.handle(exchange);
                    }),
            new Admission(Long.MAX_VALUE));
    voters.add(server);
    return register(server.port());
  }

  private ProposerTest register(int port) {
    TreeSet<String> ids = new TreeSet<>(script.metadata().nodes().keySet());
    String id = "n" + ids.size();
    script.apply(
        new Command.RegisterNode(
            id, 0, "a", EnumSet.allOf(Duty.class), "127.0.0.1:" + port, "127.0.0.1:2", "", 1));
    ids.add(id);
    script.apply(new Command.SetVoters(ids));
    return this;
  }

  private synchronized void note(Exchange exchange) {
    assertThat(exchange.flags()).isEqualTo(Proposal.NO_FORWARD);
    proposed.add(ByteBuffer.wrap(Proposal.decode(exchange.body()).envelope()));
  }

  private static void take(Exchange exchange) {
    exchange.reply(FrameType.PROPOSED, ByteBuffer.wrap(MetadataCodec.encodeResult(TAKEN)));
  }

  private static void refuse(Exchange exchange) {
    exchange.fail(ErrorCode.TRY_AGAIN, "does not lead");
  }

  private static void breakOff(Exchange exchange) {
    exchange.channel().close();
    exchange.close();
  }

  private CommandResult propose() {
    try (Peers peers = new Peers(transport, script::metadata, Hello.peer("c1", "other"), "other")) {
      Proposer proposer = new Proposer(Optional::empty, peers);
      CommandResult result =
          proposer.propose(new Command.SetVoters(new TreeSet<>()), TIMEOUT_MILLIS).join();
      assertThat(proposer.highestIndex()).isEqualTo(result.index());
      return result;
    }
  }

  private FeatureKvException failure() {
    try {
      throw new AssertionError("it was answered: " + propose());
    } catch (CompletionException e) {
      return FeatureKvException.from(e);
    }
  }

  @Test
  void passesOnWhatAVoterAnswers() {
    assertThat(voter(ProposerTest::take).propose()).isEqualTo(TAKEN);
    assertThat(proposed).hasSize(1);
  }

  @Test
  void asksTheNextWhereOneDoesNotTakeIt() {
    voter(ProposerTest::refuse).voter(ProposerTest::take);
    assertThat(propose()).isEqualTo(TAKEN);
    assertThat(proposed).hasSize(2);
  }

  @Test
  void asksTheNextUnderTheSameOperationIdWhereAConnectionBreaks() {
    voter(ProposerTest::breakOff).voter(ProposerTest::take);
    assertThat(propose()).isEqualTo(TAKEN);
    assertThat(proposed).hasSize(2);
    assertThat(proposed.get(0)).isEqualTo(proposed.get(1));
  }

  @Test
  void knowsThatNothingWasChangedWhereNobodyTookIt() {
    voter(ProposerTest::refuse).register(closedPort());
    FeatureKvException failure = failure();
    assertThat(failure.code()).isEqualTo(ErrorCode.TRY_AGAIN);
    assertThat(failure).hasMessageContaining("nothing was changed");
  }

  @Test
  void doesNotKnowTheOutcomeWhereAConnectionBrokeAndNobodyElseTookIt() {
    voter(ProposerTest::breakOff).voter(ProposerTest::refuse);
    assertThat(failure().code()).isEqualTo(ErrorCode.UNKNOWN_OUTCOME);
    assertThat(proposed).hasSize(2);
  }

  @Test
  void doesNotKnowTheOutcomeWhereAConnectionBrokeAndAnotherVoterRefused() {
    voter(ProposerTest::breakOff)
        .voter(exchange -> exchange.fail(ErrorCode.CONFLICT, "the group is another"));
    FeatureKvException failure = failure();
    assertThat(failure.code()).isEqualTo(ErrorCode.UNKNOWN_OUTCOME);
    assertThat(failure).hasMessageContaining("the group is another");
  }

  @Test
  void passesOnARefusalWhereNobodyMayHaveTakenIt() {
    voter(exchange -> exchange.fail(ErrorCode.CONFLICT, "the group is another"));
    assertThat(failure().code()).isEqualTo(ErrorCode.CONFLICT);
  }

  /** Nobody listens there: it was this test's own a moment ago. */
  private int closedPort() {
    NodeServer server =
        NodeServer.listen(
            loops,
            new Endpoint("127.0.0.1", 0),
            new ServerIdentity("c1", "gone", "a", () -> 1),
            Map.of(),
            new Admission(Long.MAX_VALUE));
    int port = server.port();
    server.close();
    return port;
  }
}
