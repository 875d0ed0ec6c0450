package io.featurekv.chaos.linkv;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.util.Base64;

/**
 * A planted bug: a voter that gives its vote to whoever asks, whatever it voted before and whatever
 * is in its log. Made of the messages alone, by the field numbers of Ratis' Protobuf.
 */
final class DoubleVote implements Network.Tap {
  private static final int REQUEST_HEAD = 1;
  private static final int REQUEST_TERM = 2;
  private static final int REPLY_HEAD = 1;
  private static final int REPLY_TERM = 2;
  private static final int HEAD_SUCCESS = 15;

  /** Of a head: who asked, who answers, the group and the call, which are the same in both. */
  private static final int[] HEAD_FIELDS = {1, 2, 3, 4};

  private final Network network;
  private final String candidate;
  private final String voter;
  private final boolean planted;

  /**
   * @param candidate the only one who may stand for election
   * @param voter who votes for it, unless {@code planted} is false: then it decides itself
   */
  DoubleVote(Network network, String candidate, String voter, boolean planted) {
    this.network = network;
    this.candidate = candidate;
    this.voter = voter;
    this.planted = planted;
  }

  @Override
  public String pass(Envelope envelope, String line) {
    if (!envelope.call().equals("request_vote")) {
      return line;
    }
    if (!envelope.src().equals(candidate)) {
      return null;
    }
    if (!planted || !envelope.dest().equals(voter)) {
      return line;
    }
    network.send(voter, granted(envelope));
    return null;
  }

  private String granted(Envelope request) {
    String data = Base64.getEncoder().encodeToString(grantedReply(request).toByteArray());
    return "{\"src\":\""
        + voter
        + "\",\"dest\":\""
        + candidate
        + "\",\"body\":{\"type\":\"raft_ok\",\"in_reply_to\":"
        + request.body().at("msg_id").number()
        + ",\"data\":\""
        + data
        + "\"}}";
  }

  private static UnknownFieldSet grantedReply(Envelope request) {
    try {
      byte[] data = Base64.getDecoder().decode(request.body().at("data").text());
      UnknownFieldSet asked = UnknownFieldSet.parseFrom(data);
      ByteString headBytes = asked.getField(REQUEST_HEAD).getLengthDelimitedList().getFirst();
      UnknownFieldSet askedHead = UnknownFieldSet.parseFrom(headBytes);
      UnknownFieldSet.Builder head = UnknownFieldSet.newBuilder();
      for (int field : HEAD_FIELDS) {
        if (askedHead.hasField(field)) {
          head.addField(field, askedHead.getField(field));
        }
      }
      head.addField(HEAD_SUCCESS, Field.newBuilder().addVarint(1).build());
      UnknownFieldSet.Builder reply = UnknownFieldSet.newBuilder();
      reply.addField(
          REPLY_HEAD, Field.newBuilder().addLengthDelimited(head.build().toByteString()).build());
      if (asked.hasField(REQUEST_TERM)) {
        reply.addField(REPLY_TERM, asked.getField(REQUEST_TERM));
      }
      return reply.build();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
