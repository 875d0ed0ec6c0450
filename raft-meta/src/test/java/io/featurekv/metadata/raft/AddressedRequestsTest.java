package io.featurekv.metadata.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.StatusRuntimeException;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;
import org.apache.ratis.util.ProtoUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A voter that has come back as a new peer at the address of the one before, to which a leader goes
 * on sending.
 */
@Timeout(120)
class AddressedRequestsTest {
  private static final String PEER = "n1-1";
  private static final String PEER_BEFORE = "n1-0";
  private static final long OLD_TERM = 0;

  @TempDir Path root;
  private VoterGroup voters;
  private ManagedChannel channel;

  @BeforeEach
  void start() {
    voters = new VoterGroup(root, 1_000);
    String address = voters.bootstrap(PEER).configuration().get(PEER);
    channel = NettyChannelBuilder.forTarget(address).usePlaintext().build();
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    assertThat(channel.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    voters.close();
  }

  private RaftRpcRequestProto to(String peer) {
    RaftGroupId group = RaftGroupId.valueOf(UUID.fromString(voters.clusterId()));
    return RaftRpcRequestProto.newBuilder()
        .setRequestorId(RaftPeerId.valueOf("n2-0").toByteString())
        .setReplyId(RaftPeerId.valueOf(peer).toByteString())
        .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(group))
        .build();
  }

  private RequestVoteReplyProto askForVote(String peer) {
    return RaftServerProtocolServiceGrpc.newBlockingStub(channel)
        .requestVote(
            RequestVoteRequestProto.newBuilder()
                .setServerRequest(to(peer))
                .setCandidateTerm(OLD_TERM)
                .setCandidateLastEntry(TermIndexProto.getDefaultInstance())
                .build());
  }

  private CompletableFuture<AppendEntriesReplyProto> append(String peer) {
    CompletableFuture<AppendEntriesReplyProto> first = new CompletableFuture<>();
    StreamObserver<AppendEntriesRequestProto> requests =
        RaftServerProtocolServiceGrpc.newStub(channel)
            .appendEntries(
                new StreamObserver<>() {
                  @Override
                  public void onNext(AppendEntriesReplyProto reply) {
                    first.complete(reply);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    first.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    first.completeExceptionally(new AssertionError("completed without a reply"));
                  }
                });
    requests.onNext(
        AppendEntriesRequestProto.newBuilder()
            .setServerRequest(to(peer))
            .setLeaderTerm(OLD_TERM)
            .build());
    return first;
  }

  @Test
  void whatIsSentToThisPeerIsAnswered() {
    assertThat(askForVote(PEER).getServerReply().getReplyId().toStringUtf8()).isEqualTo(PEER);
    assertThat(append(PEER).join().getServerReply().getReplyId().toStringUtf8()).isEqualTo(PEER);
  }

  @Test
  void whatIsSentToThePeerBeforeIsRefusedAsIfNobodyWereThere() {
    assertThatThrownBy(() -> askForVote(PEER_BEFORE))
        .hasMessageContaining("this is peer n1-1; n1-0 is no longer here")
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    assertThatThrownBy(() -> append(PEER_BEFORE).join())
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("n1-0 is no longer here");
    assertThat(askForVote(PEER).getServerReply().getReplyId().toStringUtf8()).isEqualTo(PEER);
  }
}
