package io.featurekv.cli.bench;

import io.featurekv.node.load.LoadReport;
import java.util.ArrayList;
import java.util.List;

/**
 * What a measured load found.
 *
 * @param inputBytes length of the files; of keys and values where there are none
 * @param generateSeconds how long writing the files took before the load, 0 where they were there
 */
record LoadMeasure(
    LoadPlan plan, LoadReport report, LoadCost cost, long inputBytes, double generateSeconds) {
  private static final double MILLION = 1e6;

  double keysPerSecond() {
    return report.seconds() > 0 ? report.entries() / report.seconds() : 0;
  }

  /** CPU seconds for a million keys. */
  double perMillionKeys(double seconds) {
    return report.entries() > 0 ? seconds / (report.entries() / MILLION) : Double.NaN;
  }

  /** CPU of this process and of all nodes. */
  double cpuSeconds() {
    return cost.client().cpuSeconds() + cost.nodesCpuSeconds();
  }

  /** What this process and all nodes wrote. */
  double writtenBytes() {
    return cost.client().writtenBytes() + cost.nodesWrittenBytes();
  }

  /** What a reader of the figures has to know. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (!cost.nodesUnknownBecause().isEmpty()) {
      notes.add("what the nodes took is not known: " + cost.nodesUnknownBecause());
    } else if (Double.isNaN(cost.nodesWrittenBytes()) || Double.isNaN(cost.nodePeakBytes())) {
      notes.add("a node does not tell what it writes or holds in memory");
    }
    if (report.version() != plan.input().version()) {
      notes.add(
          "values are those of version="
              + plan.input().version()
              + ": bench read --verify takes that for version "
              + report.version()
              + " as mixed");
    }
    if (plan.input().entries() != report.entries()) {
      notes.add(report.entries() + " entries were loaded, expected " + plan.input().entries());
    }
    return notes;
  }
}
