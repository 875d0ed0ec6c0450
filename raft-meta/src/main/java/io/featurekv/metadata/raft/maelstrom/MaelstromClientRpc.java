package io.featurekv.metadata.raft.maelstrom;

import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.client.RaftClientRpc;
import org.apache.ratis.client.impl.ClientProtoUtils;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.RaftClientReplyProto;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.apache.ratis.util.IOUtils;

/** How a voter passes a request on to the leader. Holds nothing of its own. */
final class MaelstromClientRpc implements RaftClientRpc {
  private final PeerCalls calls;
  private final long timeoutMillis;

  MaelstromClientRpc(PeerCalls calls, RaftProperties properties) {
    this.calls = calls;
    this.timeoutMillis =
        RaftClientConfigKeys.Rpc.requestTimeout(properties).toLong(TimeUnit.MILLISECONDS);
  }

  @Override
  public CompletableFuture<RaftClientReply> sendRequestAsyncUnordered(RaftClientRequest request) {
    byte[] data = ClientProtoUtils.toRaftClientRequestProto(request).toByteArray();
    return calls
        .call(request.getServerId().toString(), PeerCall.CLIENT, data, timeoutMillis)
        .thenApplyAsync(MaelstromClientRpc::parse, calls.executor());
  }

  private static RaftClientReply parse(byte[] data) {
    try {
      return ClientProtoUtils.toRaftClientReply(RaftClientReplyProto.parseFrom(data));
    } catch (InvalidProtocolBufferException e) {
      throw new CompletionException(e);
    }
  }

  @Override
  public RaftClientReply sendRequest(RaftClientRequest request) throws IOException {
    return IOUtils.getFromFuture(sendRequestAsyncUnordered(request), () -> request);
  }

  @Override
  public void addRaftPeers(Collection<RaftPeer> peers) {
    // They are reached by their ids.
  }

  @Override
  public void close() {
    // The calls are the node's.
  }
}
