package io.featurekv.metadata.raft.maelstrom;

import org.apache.ratis.client.ClientFactory;
import org.apache.ratis.client.RaftClientRpc;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.ServerFactory;

/**
 * Ratis over Maelstrom's messages. Ratis makes it by its class name, hence public; the calls come
 * in through the parameters.
 */
public final class MaelstromRpcType implements RpcType {
  private static final String CALLS = "featurekv.maelstrom.calls";

  /** For Ratis. */
  public MaelstromRpcType() {}

  static Parameters parameters(PeerCalls calls) {
    Parameters parameters = new Parameters();
    parameters.put(CALLS, calls, PeerCalls.class);
    return parameters;
  }

  @Override
  public String name() {
    return MaelstromRpcType.class.getName();
  }

  @Override
  public RpcFactory newFactory(Parameters parameters) {
    return new Factory(this, parameters.getNonNull(CALLS, PeerCalls.class));
  }

  private record Factory(RpcType type, PeerCalls calls) implements ServerFactory, ClientFactory {
    @Override
    public RpcType getRpcType() {
      return type;
    }

    @Override
    public RaftServerRpc newRaftServerRpc(RaftServer server) {
      return new MaelstromServerRpc(type, calls, server);
    }

    @Override
    public RaftClientRpc newRaftClientRpc(ClientId clientId, RaftProperties properties) {
      return new MaelstromClientRpc(calls, properties);
    }
  }
}
