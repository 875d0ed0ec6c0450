package io.featurekv.metadata;

import com.google.protobuf.ByteString;
import io.featurekv.metadata.message.CanaryCountsMessage;
import io.featurekv.metadata.message.CanaryMessage;
import io.featurekv.metadata.message.CanaryPlanMessage;
import io.featurekv.metadata.message.DataCheckMessage;
import io.featurekv.metadata.message.EndCanaryMessage;
import io.featurekv.metadata.message.GateMessage;
import io.featurekv.metadata.message.GatesMessage;
import io.featurekv.metadata.message.GoldenKeyMessage;
import io.featurekv.metadata.message.GoldenMissMessage;
import io.featurekv.metadata.message.ReportCanaryMessage;
import io.featurekv.metadata.message.ReportFindingsMessage;
import io.featurekv.metadata.message.ShardFindingsMessage;
import io.featurekv.model.Digest;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Gates, which of them a load ignores, what nodes find behind them, and canaries. */
final class GateCodec {
  private GateCodec() {}

  static GatesMessage encode(Gates gates) {
    GatesMessage.Builder out = GatesMessage.newBuilder();
    if (gates.maxShrink() != null) {
      out.setMaxShrinkMillionths(gates.maxShrink().millionths());
    }
    if (gates.maxGrowth() != null) {
      out.setMaxGrowthMillionths(gates.maxGrowth().millionths());
    }
    if (gates.maxRejected() != null) {
      out.setMaxRejectedMillionths(gates.maxRejected().millionths());
    }
    if (gates.maxDuplicates() != null) {
      out.setMaxDuplicatesMillionths(gates.maxDuplicates().millionths());
    }
    if (gates.minOverlap() != null) {
      out.setMinOverlapMillionths(gates.minOverlap().millionths());
    }
    out.addAllRequiredColumns(gates.requiredColumns());
    gates.goldenKeys().forEach(golden -> out.addGoldenKeys(encode(golden)));
    return out.build();
  }

  static Gates decode(GatesMessage message) {
    return new Gates(
        message.hasMaxShrinkMillionths() ? new Share(message.getMaxShrinkMillionths()) : null,
        message.hasMaxGrowthMillionths() ? new Share(message.getMaxGrowthMillionths()) : null,
        message.hasMaxRejectedMillionths() ? new Share(message.getMaxRejectedMillionths()) : null,
        message.hasMaxDuplicatesMillionths()
            ? new Share(message.getMaxDuplicatesMillionths())
            : null,
        message.hasMinOverlapMillionths() ? new Share(message.getMinOverlapMillionths()) : null,
        message.getRequiredColumnsList(),
        message.getGoldenKeysList().stream().map(GateCodec::decode).toList());
  }

  private static GoldenKeyMessage encode(GoldenKey golden) {
    GoldenKeyMessage.Builder out =
        GoldenKeyMessage.newBuilder().setKey(ByteString.copyFrom(golden.key()));
    return switch (golden.expected()) {
      case GoldenKey.Value(byte[] bytes) -> out.setValue(ByteString.copyFrom(bytes)).build();
      case GoldenKey.Sha256(Digest digest) ->
          out.setSha256(ByteString.copyFrom(digest.toBytes())).build();
      case GoldenKey.Absent _ ->
          out.setAbsent(GoldenKeyMessage.Absent.getDefaultInstance()).build();
    };
  }

  private static GoldenKey decode(GoldenKeyMessage message) {
    GoldenKey.Expectation expected =
        switch (message.getExpectedCase()) {
          case VALUE -> new GoldenKey.Value(message.getValue().toByteArray());
          case SHA256 -> new GoldenKey.Sha256(Digest.of(message.getSha256().toByteArray()));
          case ABSENT -> new GoldenKey.Absent();
          case EXPECTED_NOT_SET ->
              throw new UnsupportedMetadataException(
                  "a golden key that this release does not know; run a newer one");
        };
    return new GoldenKey(message.getKey().toByteArray(), expected);
  }

  static ReportFindingsMessage encode(Command.ReportFindings command) {
    ReportFindingsMessage.Builder out =
        ReportFindingsMessage.newBuilder()
            .setNodeId(command.nodeId())
            .setSession(command.session())
            .setTable(command.table())
            .setVersion(command.version());
    command
        .findings()
        .forEach(
            (shard, found) ->
                out.addFindings(
                    ShardFindingsMessage.newBuilder()
                        .setShard(shard)
                        .setSampledKeys(found.sampledKeys())
                        .setKnownKeys(found.knownKeys())
                        .addAllMisses(encodeMisses(found.misses()))));
    return out.build();
  }

  static Command decode(ReportFindingsMessage message) {
    SortedMap<Integer, ShardFindings> findings = new TreeMap<>();
    message
        .getFindingsList()
        .forEach(
            found ->
                findings.put(
                    found.getShard(),
                    new ShardFindings(
                        found.getSampledKeys(),
                        found.getKnownKeys(),
                        decodeMisses(found.getMissesList()))));
    return new Command.ReportFindings(
        message.getNodeId(),
        message.getSession(),
        message.getTable(),
        message.getVersion(),
        findings);
  }

  static CanaryPlanMessage encode(CanaryPlan plan) {
    CanaryPlanMessage.Builder out =
        CanaryPlanMessage.newBuilder().setSect(plan.sect()).setBakeMillis(plan.bakeMillis());
    if (plan.shown() != null) {
      out.setShown(encode(plan.shown()));
    }
    return out.build();
  }

  static CanaryPlan decode(CanaryPlanMessage message) {
    return new CanaryPlan(
        message.getSect(),
        message.getBakeMillis(),
        message.hasShown() ? decode(message.getShown()) : null);
  }

  static CanaryMessage encode(Canary canary) {
    return CanaryMessage.newBuilder()
        .setVersion(canary.version())
        .setSect(canary.sect())
        .setSinceMillis(canary.sinceMillis())
        .setBakeMillis(canary.bakeMillis())
        .setCounts(encode(canary.counts()))
        .setCountedAtMillis(canary.countedAtMillis())
        .build();
  }

  static Canary decode(CanaryMessage message) {
    return new Canary(
        message.getVersion(),
        message.getSect(),
        message.getSinceMillis(),
        message.getBakeMillis(),
        decode(message.getCounts()),
        message.getCountedAtMillis());
  }

  private static CanaryCountsMessage encode(CanaryCounts counts) {
    return CanaryCountsMessage.newBuilder()
        .setReads(counts.reads())
        .setErrors(counts.errors())
        .setActiveReads(counts.activeReads())
        .setActiveErrors(counts.activeErrors())
        .build();
  }

  private static CanaryCounts decode(CanaryCountsMessage message) {
    return new CanaryCounts(
        message.getReads(),
        message.getErrors(),
        message.getActiveReads(),
        message.getActiveErrors());
  }

  static EndCanaryMessage encode(Command.EndCanary command) {
    return EndCanaryMessage.newBuilder()
        .setTable(command.table())
        .setVersion(command.version())
        .setReason(command.reason())
        .setCounts(encode(command.counts()))
        .build();
  }

  static Command decode(EndCanaryMessage message) {
    return new Command.EndCanary(
        message.getTable(), message.getVersion(), message.getReason(), decode(message.getCounts()));
  }

  static ReportCanaryMessage encode(Command.ReportCanary command) {
    return ReportCanaryMessage.newBuilder()
        .setTable(command.table())
        .setVersion(command.version())
        .setCounts(encode(command.counts()))
        .build();
  }

  static Command decode(ReportCanaryMessage message) {
    return new Command.ReportCanary(
        message.getTable(), message.getVersion(), decode(message.getCounts()));
  }

  static DataCheckMessage encode(DataCheck check) {
    return DataCheckMessage.newBuilder()
        .setAsksGolden(check.asksGolden())
        .setOverlapWith(check.overlapWith())
        .addAllPendingShards(check.pendingShards())
        .setSampledKeys(check.sampledKeys())
        .setKnownKeys(check.knownKeys())
        .addAllMisses(encodeMisses(check.misses()))
        .build();
  }

  static DataCheck decode(DataCheckMessage message) {
    return new DataCheck(
        message.getAsksGolden(),
        message.getOverlapWith(),
        new TreeSet<>(message.getPendingShardsList()),
        message.getSampledKeys(),
        message.getKnownKeys(),
        decodeMisses(message.getMissesList()));
  }

  private static List<GoldenMissMessage> encodeMisses(List<GoldenMiss> misses) {
    return misses.stream()
        .map(
            miss ->
                GoldenMissMessage.newBuilder()
                    .setKey(miss.key())
                    .setExpected(miss.expected())
                    .setFound(miss.found())
                    .build())
        .toList();
  }

  private static List<GoldenMiss> decodeMisses(List<GoldenMissMessage> messages) {
    return messages.stream()
        .map(miss -> new GoldenMiss(miss.getKey(), miss.getExpected(), miss.getFound()))
        .toList();
  }

  /** In the order of the gates, so that equal sets have equal bytes. */
  static List<GateMessage> encode(Set<Gate> gates) {
    return gates.stream().sorted().map(GateCodec::encode).toList();
  }

  static Set<Gate> decode(Collection<GateMessage> messages) {
    Set<Gate> gates = EnumSet.noneOf(Gate.class);
    messages.forEach(message -> gates.add(decode(message)));
    return gates;
  }

  private static GateMessage encode(Gate gate) {
    return switch (gate) {
      case EMPTY -> GateMessage.GATE_EMPTY;
      case SHRINK -> GateMessage.GATE_SHRINK;
      case GROWTH -> GateMessage.GATE_GROWTH;
      case REJECTED -> GateMessage.GATE_REJECTED;
      case DUPLICATES -> GateMessage.GATE_DUPLICATES;
      case COLUMNS -> GateMessage.GATE_COLUMNS;
      case GOLDEN -> GateMessage.GATE_GOLDEN;
      case OVERLAP -> GateMessage.GATE_OVERLAP;
    };
  }

  private static Gate decode(GateMessage message) {
    return switch (message) {
      case GATE_EMPTY -> Gate.EMPTY;
      case GATE_SHRINK -> Gate.SHRINK;
      case GATE_GROWTH -> Gate.GROWTH;
      case GATE_REJECTED -> Gate.REJECTED;
      case GATE_DUPLICATES -> Gate.DUPLICATES;
      case GATE_COLUMNS -> Gate.COLUMNS;
      case GATE_GOLDEN -> Gate.GOLDEN;
      case GATE_OVERLAP -> Gate.OVERLAP;
      case GATE_UNSPECIFIED, UNRECOGNIZED ->
          throw new UnsupportedMetadataException(
              "a gate that this release does not know; run a newer one");
    };
  }
}
