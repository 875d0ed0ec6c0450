package io.featurekv.metadata.raft;

import io.featurekv.model.Endpoint;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.client.RaftClientRpc;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.rpc.SupportedRpcType;

/** gRPC over TCP: how the voters of a cluster reach one another. */
final class GrpcTransport implements RaftTransport {
  private final Endpoint bind;
  private final String peerId;

  GrpcTransport(String bindAddress, String peerId) {
    this.bind = Endpoint.parse(bindAddress);
    this.peerId = peerId;
  }

  @Override
  public void configure(RaftProperties properties) {
    RaftConfigKeys.Rpc.setType(properties, SupportedRpcType.GRPC);
    GrpcConfigKeys.Server.setHost(properties, bind.socketHost());
    GrpcConfigKeys.Server.setPort(properties, bind.port());
  }

  @Override
  public Parameters parameters() {
    Parameters parameters = new Parameters();
    GrpcConfigKeys.Server.setServicesCustomizer(
        parameters, (builder, _) -> builder.intercept(new AddressedRequests(peerId)));
    return parameters;
  }

  @Override
  public RaftClientRpc newClientRpc(ClientId clientId, RaftProperties properties) {
    return new GrpcFactory(new Parameters()).newRaftClientRpc(clientId, properties);
  }
}
