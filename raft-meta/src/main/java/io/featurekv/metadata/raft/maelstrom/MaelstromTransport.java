package io.featurekv.metadata.raft.maelstrom;

import io.featurekv.metadata.raft.RaftTransport;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.client.RaftClientRpc;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** Maelstrom's messages between voters. */
final class MaelstromTransport implements RaftTransport {
  /** Of one append request and of one piece of a snapshot: well below what one message takes. */
  private static final SizeInBytes CHUNK = SizeInBytes.valueOf("256KB");

  private final PeerCalls calls;
  private final Duration callTimeout;

  /**
   * @param callTimeout how long a voter waits for another's reply: shorter than the election
   *     timeout, because a follower whose reply was lost is sent nothing meanwhile
   */
  MaelstromTransport(PeerCalls calls, Duration callTimeout) {
    this.calls = calls;
    this.callTimeout = callTimeout;
  }

  @Override
  public void configure(RaftProperties properties) {
    TimeDuration timeout = TimeDuration.valueOf(callTimeout.toMillis(), TimeUnit.MILLISECONDS);
    RaftConfigKeys.Rpc.setType(properties, new MaelstromRpcType());
    RaftServerConfigKeys.Rpc.setRequestTimeout(properties, timeout);
    RaftClientConfigKeys.Rpc.setRequestTimeout(properties, timeout);
    RaftServerConfigKeys.Log.Appender.setBufferByteLimit(properties, CHUNK);
    RaftServerConfigKeys.Log.Appender.setSnapshotChunkSizeMax(properties, CHUNK);
  }

  @Override
  public Parameters parameters() {
    return MaelstromRpcType.parameters(calls);
  }

  @Override
  public RaftClientRpc newClientRpc(ClientId clientId, RaftProperties properties) {
    return new MaelstromClientRpc(calls, properties);
  }
}
