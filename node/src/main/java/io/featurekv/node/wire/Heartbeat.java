package io.featurekv.node.wire;

import io.featurekv.metadata.Canary;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Body of HEARTBEAT: {@code u64 session | u64 metadata index | u8 n, node id | u64 process | u8 n,
 * n x TrialCounts}; the reply is a {@link HeartbeatReply}. Every node sends one to every voter, so
 * that a new leader already knows who is there. Nodes of before trials end it after their id.
 *
 * @param process tells two processes apart that a node was one after the other; 0: unknown
 * @param trials what this process has counted of the first {@link #MAX_TRIALS} trials that it knows
 */
public record Heartbeat(
    String nodeId, long session, long metadataIndex, long process, List<TrialCounts> trials) {
  /** Most trials that are told of; as many go on at a time. */
  public static final int MAX_TRIALS = Canary.MAX_AT_A_TIME;

  public Heartbeat {
    trials = List.copyOf(trials.subList(0, Math.min(trials.size(), MAX_TRIALS)));
  }

  /** The bytes. */
  public ByteBuffer encode() {
    int trialBytes = trials.stream().mapToInt(TrialCounts::encodedBytes).sum();
    ByteBuffer out =
        Fields.allocate(3 * Long.BYTES + Fields.textBytes(nodeId) + Byte.BYTES + trialBytes);
    out.putLong(session).putLong(metadataIndex);
    Fields.putText(out, nodeId);
    out.putLong(process).put((byte) trials.size());
    trials.forEach(trial -> trial.encode(out));
    return out.flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static Heartbeat decode(ByteBuffer body) {
    return Fields.decode(
        "HEARTBEAT",
        body,
        in -> {
          long session = in.getLong();
          long index = in.getLong();
          String nodeId = Fields.getText(in);
          if (!in.hasRemaining()) {
            return new Heartbeat(nodeId, session, index, 0, List.of());
          }
          long process = in.getLong();
          int count = Byte.toUnsignedInt(in.get());
          List<TrialCounts> trials = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            trials.add(TrialCounts.decode(in));
          }
          return new Heartbeat(nodeId, session, index, process, trials);
        });
  }
}
