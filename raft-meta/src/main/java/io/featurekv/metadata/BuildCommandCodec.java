package io.featurekv.metadata;

import io.featurekv.metadata.message.CheckInputsMessage;
import io.featurekv.metadata.message.FailWorkMessage;
import io.featurekv.metadata.message.FinishShardMessage;
import io.featurekv.metadata.message.FinishSplitMessage;
import io.featurekv.metadata.message.LeaseWorkMessage;
import io.featurekv.metadata.message.LoseWorkMessage;
import io.featurekv.metadata.message.ReportWorkMessage;
import io.featurekv.metadata.message.SealBuildMessage;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Commands of builds that the builders of the cluster share. */
final class BuildCommandCodec {
  private static final int LOST = 1;
  private static final int FAILED = 2;
  private static final int HOPELESS = 3;
  private static final int DOUBTFUL = 4;

  private BuildCommandCodec() {}

  static CheckInputsMessage encode(Command.CheckInputs command) {
    return CheckInputsMessage.newBuilder()
        .setTaskId(command.taskId())
        .setAttempt(command.attempt())
        .setCheck(BuildCodec.encode(command.check()))
        .build();
  }

  static Command decode(CheckInputsMessage message) {
    return new Command.CheckInputs(
        message.getTaskId(), message.getAttempt(), BuildCodec.decode(message.getCheck()));
  }

  static LeaseWorkMessage encode(Command.LeaseWork command) {
    return LeaseWorkMessage.newBuilder()
        .setTaskId(command.taskId())
        .setAttempt(command.attempt())
        .setNodeId(command.nodeId())
        .setSession(command.session())
        .addAllSplits(command.splits())
        .addAllShards(command.shards())
        .build();
  }

  static Command decode(LeaseWorkMessage message) {
    return new Command.LeaseWork(
        message.getTaskId(),
        message.getAttempt(),
        message.getNodeId(),
        message.getSession(),
        new TreeSet<>(message.getSplitsList()),
        new TreeSet<>(message.getShardsList()));
  }

  static ReportWorkMessage encode(Command.ReportWork command) {
    ReportWorkMessage.Builder out =
        ReportWorkMessage.newBuilder()
            .setTaskId(command.taskId())
            .setAttempt(command.attempt())
            .setNodeId(command.nodeId())
            .setSession(command.session());
    command.splits().forEach((index, done) -> out.addSplits(done(index, done)));
    command.shards().forEach((index, done) -> out.addShards(done(index, done)));
    return out.build();
  }

  private static ReportWorkMessage.Done done(int index, long done) {
    return ReportWorkMessage.Done.newBuilder().setIndex(index).setDone(done).build();
  }

  static Command decode(ReportWorkMessage message) {
    return new Command.ReportWork(
        message.getTaskId(),
        message.getAttempt(),
        message.getNodeId(),
        message.getSession(),
        decodeDone(message.getSplitsList()),
        decodeDone(message.getShardsList()));
  }

  private static SortedMap<Integer, Long> decodeDone(List<ReportWorkMessage.Done> messages) {
    SortedMap<Integer, Long> done = new TreeMap<>();
    messages.forEach(each -> done.put(each.getIndex(), each.getDone()));
    return done;
  }

  static FinishSplitMessage encode(Command.FinishSplit command) {
    FinishSplitMessage.Builder out =
        FinishSplitMessage.newBuilder()
            .setTaskId(command.taskId())
            .setAttempt(command.attempt())
            .setNodeId(command.nodeId())
            .setSession(command.session())
            .setSplit(command.split())
            .setFigures(BuildCodec.encode(command.figures()))
            .setTallies(BuildCodec.encode(command.tallies()));
    command.rejected().forEach(row -> out.addRejected(BuildCodec.encode(row)));
    return out.build();
  }

  static Command decode(FinishSplitMessage message) {
    return new Command.FinishSplit(
        message.getTaskId(),
        message.getAttempt(),
        message.getNodeId(),
        message.getSession(),
        message.getSplit(),
        BuildCodec.decode(message.getFigures()),
        BuildCodec.decode(message.getTallies()),
        BuildCodec.decodeRejected(message.getRejectedList()));
  }

  static FinishShardMessage encode(Command.FinishShard command) {
    FinishShardMessage.Builder out =
        FinishShardMessage.newBuilder()
            .setTaskId(command.taskId())
            .setAttempt(command.attempt())
            .setNodeId(command.nodeId())
            .setSession(command.session())
            .setShard(command.shard())
            .setManifest(RecordCodec.encode(command.manifest()))
            .setFigures(BuildCodec.encode(command.figures()));
    command.rejected().forEach(row -> out.addRejected(BuildCodec.encode(row)));
    return out.build();
  }

  static Command decode(FinishShardMessage message) {
    return new Command.FinishShard(
        message.getTaskId(),
        message.getAttempt(),
        message.getNodeId(),
        message.getSession(),
        message.getShard(),
        RecordCodec.decode(message.getManifest()),
        BuildCodec.decode(message.getFigures()),
        BuildCodec.decodeRejected(message.getRejectedList()));
  }

  static FailWorkMessage encode(Command.FailWork command) {
    return FailWorkMessage.newBuilder()
        .setTaskId(command.taskId())
        .setAttempt(command.attempt())
        .setNodeId(command.nodeId())
        .setSession(command.session())
        .addAllSplits(command.splits())
        .addAllShards(command.shards())
        .setReason(command.reason())
        .setOutcome(
            switch (command.outcome()) {
              case LOST -> LOST;
              case FAILED -> FAILED;
              case HOPELESS -> HOPELESS;
              case DOUBTFUL -> DOUBTFUL;
            })
        .build();
  }

  static Command decode(FailWorkMessage message) {
    return new Command.FailWork(
        message.getTaskId(),
        message.getAttempt(),
        message.getNodeId(),
        message.getSession(),
        new TreeSet<>(message.getSplitsList()),
        new TreeSet<>(message.getShardsList()),
        message.getReason(),
        switch (message.getOutcome()) {
          case LOST -> WorkOutcome.LOST;
          case FAILED -> WorkOutcome.FAILED;
          case HOPELESS -> WorkOutcome.HOPELESS;
          case DOUBTFUL -> WorkOutcome.DOUBTFUL;
          default ->
              throw new UnsupportedMetadataException(
                  "an outcome of work that this release does not know; run a newer one");
        });
  }

  static LoseWorkMessage encode(Command.LoseWork command) {
    return LoseWorkMessage.newBuilder()
        .setTaskId(command.taskId())
        .setAttempt(command.attempt())
        .setNodeId(command.nodeId())
        .addAllSplits(command.splits())
        .addAllShards(command.shards())
        .setReason(command.reason())
        .build();
  }

  static Command decode(LoseWorkMessage message) {
    return new Command.LoseWork(
        message.getTaskId(),
        message.getAttempt(),
        message.getNodeId(),
        new TreeSet<>(message.getSplitsList()),
        new TreeSet<>(message.getShardsList()),
        message.getReason());
  }

  static SealBuildMessage encode(Command.SealBuild command) {
    return SealBuildMessage.newBuilder()
        .setTaskId(command.taskId())
        .setAttempt(command.attempt())
        .build();
  }

  static Command decode(SealBuildMessage message) {
    return new Command.SealBuild(message.getTaskId(), message.getAttempt());
  }
}
