package io.featurekv.metadata.raft.maelstrom;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.impl.ClientProtoUtils;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftClientRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexReplyProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.protocol.RaftServerAsynchronousProtocol;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.thirdparty.com.google.protobuf.Parser;
import org.jspecify.annotations.Nullable;

/**
 * What a voter asks of the others, and what it answers them. Peers are reached by their ids, which
 * are Maelstrom's node ids.
 */
final class MaelstromServerRpc
    implements RaftServerRpc, RaftServerAsynchronousProtocol, PeerCalls.Service {
  private final RpcType type;
  private final PeerCalls calls;
  private final RaftServer server;
  private final long timeoutMillis;

  MaelstromServerRpc(RpcType type, PeerCalls calls, RaftServer server) {
    this.type = type;
    this.calls = calls;
    this.server = server;
    this.timeoutMillis =
        RaftServerConfigKeys.Rpc.requestTimeout(server.getProperties())
            .toLong(TimeUnit.MILLISECONDS);
  }

  @Override
  public RpcType getRpcType() {
    return type;
  }

  @Override
  public void start() {
    calls.serve(this);
  }

  @Override
  public void close() {
    calls.serve(null);
  }

  /** There is none. */
  @Override
  public @Nullable InetSocketAddress getInetSocketAddress() {
    return null;
  }

  @Override
  public void addRaftPeers(Collection<RaftPeer> peers) {
    // They are reached by their ids.
  }

  @Override
  public void handleException(RaftPeerId serverId, Exception e, boolean reconnect) {
    // There is no connection that could be made anew.
  }

  // --- asking ------------------------------------------------------------------------------------

  @Override
  public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
    return ask(PeerCall.VOTE, request.getServerRequest(), request, RequestVoteReplyProto.parser());
  }

  @Override
  public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request)
      throws IOException {
    return ask(
        PeerCall.APPEND, request.getServerRequest(), request, AppendEntriesReplyProto.parser());
  }

  @Override
  public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request)
      throws IOException {
    return ask(
        PeerCall.SNAPSHOT, request.getServerRequest(), request, InstallSnapshotReplyProto.parser());
  }

  @Override
  public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
      throws IOException {
    return ask(
        PeerCall.ELECTION,
        request.getServerRequest(),
        request,
        StartLeaderElectionReplyProto.parser());
  }

  private <R> R ask(PeerCall call, RaftRpcRequestProto to, MessageLite request, Parser<R> parser)
      throws IOException {
    return parser.parseFrom(calls.await(dest(to), call, request.toByteArray(), timeoutMillis));
  }

  private static String dest(RaftRpcRequestProto to) {
    return to.getReplyId().toStringUtf8();
  }

  /** Followers need it for linearizable reads. */
  @Override
  public RaftServerAsynchronousProtocol async() {
    return this;
  }

  @Override
  public CompletableFuture<ReadIndexReplyProto> readIndexAsync(ReadIndexRequestProto request) {
    return askAsync(
        PeerCall.READ_INDEX, request.getServerRequest(), request, ReadIndexReplyProto.parser());
  }

  @Override
  public CompletableFuture<AppendEntriesReplyProto> appendEntriesAsync(
      AppendEntriesRequestProto request) {
    return askAsync(
        PeerCall.APPEND, request.getServerRequest(), request, AppendEntriesReplyProto.parser());
  }

  private <R> CompletableFuture<R> askAsync(
      PeerCall call, RaftRpcRequestProto to, MessageLite request, Parser<R> parser) {
    return calls
        .call(dest(to), call, request.toByteArray(), timeoutMillis)
        .thenApplyAsync(data -> parsed(parser, data), calls.executor());
  }

  private static <R> R parsed(Parser<R> parser, byte[] data) {
    try {
      return parser.parseFrom(data);
    } catch (InvalidProtocolBufferException e) {
      throw new CompletionException(e);
    }
  }

  // --- answering ---------------------------------------------------------------------------------

  @Override
  public CompletableFuture<byte[]> serve(PeerCall call, byte[] data) throws IOException {
    return switch (call) {
      case VOTE -> now(server.requestVote(RequestVoteRequestProto.parseFrom(data)));
      case SNAPSHOT -> now(server.installSnapshot(InstallSnapshotRequestProto.parseFrom(data)));
      case ELECTION ->
          now(server.startLeaderElection(StartLeaderElectionRequestProto.parseFrom(data)));
      case APPEND ->
          server
              .appendEntriesAsync(AppendEntriesRequestProto.parseFrom(data))
              .thenApply(MessageLite::toByteArray);
      case READ_INDEX ->
          server
              .readIndexAsync(ReadIndexRequestProto.parseFrom(data))
              .thenApply(MessageLite::toByteArray);
      case CLIENT ->
          server
              .submitClientRequestAsync(
                  ClientProtoUtils.toRaftClientRequest(RaftClientRequestProto.parseFrom(data)))
              .thenApply(reply -> ClientProtoUtils.toRaftClientReplyProto(reply).toByteArray());
    };
  }

  private static CompletableFuture<byte[]> now(MessageLite reply) {
    return CompletableFuture.completedFuture(reply.toByteArray());
  }
}
