package io.featurekv.metadata.raft;

import org.apache.ratis.client.RaftClientRpc;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.ClientId;

/** How voters reach one another: an RPC type of Ratis with what it needs. Used by one voter. */
public interface RaftTransport {
  /** Sets the RPC type and what belongs to it. Called before the server is built. */
  void configure(RaftProperties properties);

  /** What the factories of the RPC type are made with. */
  Parameters parameters();

  /** A way to send requests to other voters, which the caller closes. */
  RaftClientRpc newClientRpc(ClientId clientId, RaftProperties properties);
}
