package io.featurekv.metadata;

import io.featurekv.metadata.message.CompleteMergeMessage;
import io.featurekv.metadata.message.RegisterMergedMessage;
import io.featurekv.metadata.message.ReportHeldMessage;
import io.featurekv.metadata.message.ReportShardsMessage;
import io.featurekv.metadata.message.ShardDigestMessage;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Commands about merged files. */
final class MergeCommandCodec {
  private MergeCommandCodec() {}

  static RegisterMergedMessage encode(Command.RegisterMerged command) {
    return RegisterMergedMessage.newBuilder()
        .setNodeId(command.nodeId())
        .setSession(command.session())
        .setTable(command.table())
        .setVersion(command.version())
        .setShard(command.shard())
        .setManifest(RecordCodec.encode(command.manifest()))
        .build();
  }

  static Command decode(RegisterMergedMessage message) {
    return new Command.RegisterMerged(
        message.getNodeId(),
        message.getSession(),
        message.getTable(),
        message.getVersion(),
        message.getShard(),
        RecordCodec.decode(message.getManifest()));
  }

  static ReportHeldMessage encode(Command.ReportMergedHeld command) {
    ReportHeldMessage.Builder out =
        ReportHeldMessage.newBuilder()
            .setNodeId(command.nodeId())
            .setSession(command.session())
            .setTable(command.table())
            .setVersion(command.version());
    command
        .digests()
        .forEach(
            (shard, digest) ->
                out.addDigests(ShardDigestMessage.newBuilder().setShard(shard).setDigest(digest)));
    return out.build();
  }

  static Command decodeHeld(ReportHeldMessage message) {
    SortedMap<Integer, String> digests = new TreeMap<>();
    message.getDigestsList().forEach(held -> digests.put(held.getShard(), held.getDigest()));
    return new Command.ReportMergedHeld(
        message.getNodeId(),
        message.getSession(),
        message.getTable(),
        message.getVersion(),
        digests);
  }

  static ReportShardsMessage encode(Command.ReportMergedDropped command) {
    return ReportShardsMessage.newBuilder()
        .setNodeId(command.nodeId())
        .setSession(command.session())
        .setTable(command.table())
        .setVersion(command.version())
        .addAllShards(command.shards())
        .build();
  }

  static Command decodeDropped(ReportShardsMessage message) {
    return new Command.ReportMergedDropped(
        message.getNodeId(),
        message.getSession(),
        message.getTable(),
        message.getVersion(),
        new TreeSet<>(message.getShardsList()));
  }

  static CompleteMergeMessage encode(Command.CompleteMerge command) {
    return CompleteMergeMessage.newBuilder()
        .setTable(command.table())
        .setVersion(command.version())
        .addAllShards(command.shards())
        .build();
  }

  static Command decode(CompleteMergeMessage message) {
    return new Command.CompleteMerge(
        message.getTable(), message.getVersion(), new TreeSet<>(message.getShardsList()));
  }
}
