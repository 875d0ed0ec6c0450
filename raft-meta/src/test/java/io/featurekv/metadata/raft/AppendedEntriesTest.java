package io.featurekv.metadata.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.MetadataProto;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.util.ProtoUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a voter with our settings answers a leader is so: the leader commits by it. */
@Timeout(120)
class AppendedEntriesTest {
  private static final int ROUNDS = 200;
  private static final long TERM = 1_000;
  private static final RaftPeerId VOTER = RaftPeerId.valueOf("n1-1");
  private static final RaftPeerId LEADER = RaftPeerId.valueOf("n2-1");

  private final RaftGroupId group = RaftGroupId.valueOf(UUID.randomUUID());

  @TempDir Path directory;

  /**
   * A leader sends an entry, and, as its reply takes long, that entry again with more behind it.
   */
  @Test
  void whatIsAcknowledgedIsInTheLog() throws IOException {
    try (RaftServer voter = start()) {
      TermIndex last = TermIndex.valueOf(0, -1);
      for (int round = 0; round < ROUNDS; round++) {
        List<CompletableFuture<AppendEntriesReplyProto>> replies = new ArrayList<>();
        replies.add(voter.appendEntriesAsync(request(last, 1)));
        replies.add(voter.appendEntriesAsync(request(last, 5)));
        for (CompletableFuture<AppendEntriesReplyProto> reply : replies) {
          AppendEntriesReplyProto answer = reply.join();
          TermIndex inLog = voter.getDivision(group).getRaftLog().getLastEntryTermIndex();
          if (answer.getResult() == AppendResult.SUCCESS) {
            assertThat(inLog.getIndex())
                .as("last index in the log, round %s, after %s", round, answer)
                .isGreaterThanOrEqualTo(answer.getMatchIndex());
          }
        }
        last = voter.getDivision(group).getRaftLog().getLastEntryTermIndex();
      }
      assertThat(last.getIndex()).isGreaterThanOrEqualTo(ROUNDS);
    }
  }

  private RaftServer start() throws IOException {
    VoterConfig config =
        new VoterConfig(
            group.getUuid().toString(),
            VOTER.toString(),
            "127.0.0.1:" + VoterGroup.freePort(),
            "127.0.0.1:0",
            directory,
            false,
            // Nobody else answers: it must not come to elect itself.
            Duration.ofHours(1),
            Duration.ofHours(2),
            100_000);
    GrpcTransport transport = new GrpcTransport(config.bindAddress(), VOTER.toString());
    RaftProperties properties = RaftSettings.of(config, transport);
    RaftServer server =
        RaftServer.newBuilder()
            .setServerId(VOTER)
            .setGroup(RaftGroup.valueOf(group, peer(VOTER), peer(LEADER)))
            .setStateMachine(new MetadataStateMachine(_ -> {}, _ -> {}, _ -> {}))
            .setProperties(properties)
            .setParameters(transport.parameters())
            .build();
    server.start();
    return server;
  }

  private static RaftPeer peer(RaftPeerId id) {
    return RaftPeer.newBuilder().setId(id).setAddress("127.0.0.1:" + VoterGroup.freePort()).build();
  }

  private AppendEntriesRequestProto request(TermIndex previous, int count) {
    AppendEntriesRequestProto.Builder request =
        AppendEntriesRequestProto.newBuilder()
            .setServerRequest(
                org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto.newBuilder()
                    .setRequestorId(LEADER.toByteString())
                    .setReplyId(VOTER.toByteString())
                    .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(group))
                    .setCallId(previous.getIndex() + 1))
            .setLeaderTerm(TERM)
            .setLeaderCommit(-1);
    if (previous.getIndex() >= 0) {
      request.setPreviousLog(previous.toProto());
    }
    for (int i = 1; i <= count; i++) {
      request.addEntries(
          LogEntryProto.newBuilder()
              .setTerm(TERM)
              .setIndex(previous.getIndex() + i)
              .setMetadataEntry(MetadataProto.newBuilder().setCommitIndex(-1)));
    }
    return request.build();
  }
}
