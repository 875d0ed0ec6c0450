package io.featurekv.metadata;

import io.featurekv.metadata.message.GateMessage;
import io.featurekv.metadata.message.GatesMessage;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Gates, and which of them a load ignores. */
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
    return out.build();
  }

  static Gates decode(GatesMessage message) {
    return new Gates(
        message.hasMaxShrinkMillionths() ? new Share(message.getMaxShrinkMillionths()) : null,
        message.hasMaxGrowthMillionths() ? new Share(message.getMaxGrowthMillionths()) : null,
        message.hasMaxRejectedMillionths() ? new Share(message.getMaxRejectedMillionths()) : null,
        message.hasMaxDuplicatesMillionths()
            ? new Share(message.getMaxDuplicatesMillionths())
            : null);
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
    };
  }

  private static Gate decode(GateMessage message) {
    return switch (message) {
      case GATE_EMPTY -> Gate.EMPTY;
      case GATE_SHRINK -> Gate.SHRINK;
      case GATE_GROWTH -> Gate.GROWTH;
      case GATE_REJECTED -> Gate.REJECTED;
      case GATE_DUPLICATES -> Gate.DUPLICATES;
      case GATE_UNSPECIFIED, UNRECOGNIZED ->
          throw new UnsupportedMetadataException(
              "a gate that this release does not know; run a newer one");
    };
  }
}
