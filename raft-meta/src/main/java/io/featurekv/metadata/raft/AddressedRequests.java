package io.featurekv.metadata.raft;

import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses what other voters send to another peer than this one, with UNAVAILABLE: as if nobody were
 * there, since that peer is gone.
 *
 * <p>A voter that comes back as a new peer has the address of the one before, to which a leader
 * goes on sending until the configuration has changed. Ratis takes such requests for its own
 * (3.3.0): the leader then believes of the old peer what the new one has, and sends to the new one
 * by both: a snapshot by one, and by the other entries that begin behind a later one.
 */
final class AddressedRequests implements ServerInterceptor {
  private static final Logger LOG = LoggerFactory.getLogger(AddressedRequests.class);

  private final ByteString peerId;

  AddressedRequests(String peerId) {
    this.peerId = RaftPeerId.valueOf(peerId).toByteString();
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    return new Refusing<>(call, next.startCall(call, headers));
  }

  private final class Refusing<Q> extends SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, ?> call;
    private boolean isRefused;

    /** Whether the one behind this has been given anything that it might have to let go of. */
    private boolean isBegun;

    Refusing(ServerCall<Q, ?> call, ServerCall.Listener<Q> listener) {
      super(listener);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      RaftRpcRequestProto request = requestOf(message);
      if (isRefused) {
        return;
      }
      if (request == null || request.getReplyId().equals(peerId)) {
        isBegun = true;
        super.onMessage(message);
        return;
      }
      isRefused = true;
      LOG.debug("a request to {} was refused", request.getReplyId().toStringUtf8());
      if (isBegun) {
        super.onCancel();
      }
      call.close(
          Status.UNAVAILABLE.withDescription(
              "this is peer "
                  + peerId.toStringUtf8()
                  + "; "
                  + request.getReplyId().toStringUtf8()
                  + " is no longer here"),
          new Metadata());
    }

    @Override
    public void onHalfClose() {
      if (!isRefused) {
        super.onHalfClose();
      }
    }

    @Override
    public void onCancel() {
      if (!isRefused) {
        super.onCancel();
      }
    }

    @Override
    public void onComplete() {
      if (!isRefused) {
        super.onComplete();
      }
    }

    @Override
    public void onReady() {
      if (!isRefused) {
        super.onReady();
      }
    }
  }

  /** Null where it is not from a voter. */
  private static @Nullable RaftRpcRequestProto requestOf(Object message) {
    return switch (message) {
      case AppendEntriesRequestProto append -> append.getServerRequest();
      case InstallSnapshotRequestProto snapshot -> snapshot.getServerRequest();
      case RequestVoteRequestProto vote -> vote.getServerRequest();
      case StartLeaderElectionRequestProto election -> election.getServerRequest();
      case ReadIndexRequestProto read -> read.getServerRequest();
      default -> null;
    };
  }
}
