package io.featurekv.metadata.raft.maelstrom;

import java.util.Arrays;
import java.util.Optional;

/** What one voter asks of another; the body is Ratis' Protobuf message in Base64. */
enum PeerCall {
  VOTE("request_vote"),
  APPEND("append_entries"),
  SNAPSHOT("install_snapshot"),
  ELECTION("start_leader_election"),
  READ_INDEX("read_index"),
  CLIENT("client_request");

  private final String word;

  PeerCall(String word) {
    this.word = word;
  }

  /** Its name on the wire. */
  String word() {
    return word;
  }

  static Optional<PeerCall> ofWord(String word) {
    return Arrays.stream(values()).filter(call -> call.word.equals(word)).findFirst();
  }
}
