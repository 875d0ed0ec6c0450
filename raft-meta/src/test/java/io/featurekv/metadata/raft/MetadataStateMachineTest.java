package io.featurekv.metadata.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.UnknownFieldSet;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.MetadataChange;
import io.featurekv.metadata.MetadataCodec;
import io.featurekv.metadata.OperationIds;
import io.featurekv.metadata.UnsupportedMetadataException;
import io.featurekv.metadata.message.CommandEnvelopeMessage;
import io.featurekv.metadata.message.CommandMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetadataStateMachineTest {
  private static final byte[] FROM_A_NEWER_RELEASE =
      CommandEnvelopeMessage.newBuilder()
          .setOperationId("id")
          .setCommand(
              CommandMessage.newBuilder()
                  .setUnknownFields(
                      UnknownFieldSet.newBuilder()
                          .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                          .build()))
          .build()
          .toByteArray();

  private final List<MetadataChange> changes = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final MetadataStateMachine machine =
      new MetadataStateMachine(changes::add, state -> {}, failures::add);

  private static byte[] formCluster() {
    return MetadataCodec.encodeCommand(
        new CommandEnvelope(OperationIds.next(1000), 1000, new Command.FormCluster("c", 1)));
  }

  private static RaftClientRequest request(byte[] content) {
    return RaftClientRequest.newBuilder()
        .setClientId(ClientId.randomId())
        .setServerId(RaftPeerId.valueOf("n1-1"))
        .setGroupId(RaftGroupId.randomId())
        .setCallId(1)
        .setType(RaftClientRequest.writeRequestType())
        .setMessage(Message.valueOf(ByteString.copyFrom(content)))
        .build();
  }

  private TransactionContext entry(long index, byte[] content) {
    return TransactionContext.newBuilder()
        .setStateMachine(machine)
        .setServerRole(RaftPeerRole.FOLLOWER)
        .setLogEntry(
            LogEntryProto.newBuilder()
                .setTerm(1)
                .setIndex(index)
                .setStateMachineLogEntry(
                    StateMachineLogEntryProto.newBuilder().setLogData(ByteString.copyFrom(content)))
                .build())
        .build();
  }

  @Test
  void startingATransactionChangesNothing() throws IOException {
    assertThat(machine.startTransaction(request(formCluster())).getException()).isNull();
    assertThat(machine.state().isFormed()).isFalse();
  }

  @Test
  void anUnreadableCommandDoesNotReachTheLog() throws IOException {
    assertThat(machine.startTransaction(request(FROM_A_NEWER_RELEASE)).getException())
        .isInstanceOf(UnsupportedMetadataException.class);
    assertThat(machine.startTransaction(request(new byte[] {1, 2, 3})).getException()).isNotNull();
  }

  @Test
  void aCommandOfANewerReleaseInTheLogEndsTheVoter() {
    machine.applyTransaction(entry(1, formCluster())).join();
    assertThatThrownBy(() -> machine.applyTransaction(entry(2, FROM_A_NEWER_RELEASE)))
        .isInstanceOf(UnsupportedMetadataException.class);
    assertThat(failures).singleElement().asString().contains("entry 2").contains("newer");
    assertThat(machine.state().index()).isEqualTo(1);
  }

  @Test
  void listenersSeeEveryChangeAndCannotStopTheVoter() {
    MetadataStateMachine tripping =
        new MetadataStateMachine(
            change -> {
              changes.add(change);
              throw new IllegalStateException("a listener's fault");
            },
            state -> {},
            failures::add);
    tripping.applyTransaction(entry(5, formCluster())).join();
    assertThat(changes).hasSize(1);
    assertThat(changes.getFirst().after().index()).isEqualTo(5);
    assertThat(MetadataCodec.decodeCommand(changes.getFirst().envelope()).command())
        .isEqualTo(new Command.FormCluster("c", 1));
    assertThat(failures).isEmpty();
  }

  @Test
  void aSnapshotFileHoldsTheStateAndItsName(@TempDir Path directory) throws IOException {
    machine.applyTransaction(entry(7, formCluster())).join();
    TermIndex at = TermIndex.valueOf(3, 9);
    Path file = SnapshotFile.write(directory, at, machine.state());
    assertThat(file).hasFileName("snapshot.3_9");
    assertThat(SnapshotFile.termIndexOf(file)).hasValue(at);
    assertThat(SnapshotFile.read(file)).isEqualTo(machine.state());
    assertThat(SnapshotFile.termIndexOf(directory.resolve("snapshot.3_9.tmp"))).isEmpty();
  }

  @Test
  void aLogThatCannotBeWrittenIsAFailure() {
    machine.notifyLogFailed(new IOException("No space left on device"), null);
    assertThat(failures).singleElement().asString().contains("No space left on device");
  }
}
