package io.featurekv.bench.ingest;

import io.featurekv.bench.profile.Profiles;
import io.featurekv.bench.report.Stages.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one build took; figures that do not exist are NaN.
 *
 * @param seconds from the first byte read to the end: FeatureKV's version served, another store
 *     built
 * @param stages with the CPU time of all processes meanwhile
 * @param cpuSeconds of the process that builds or runs the load
 * @param serverCpuSeconds of all nodes; 0 where there are none
 * @param writtenBytes by all processes
 * @param inputBytes of the files
 * @param peakBytes memory of that process without mapped files, as far as it was seen
 * @param serverPeakBytes of the node that held most
 * @param boundBytes on the memory of the process that runs the load
 * @param held 1 where its memory was within that whenever it was looked at, else 0
 * @param nodes in the order of their ids
 * @param profiles of its processes, where they were recorded
 */
public record Outcome(
    DataSet data,
    Subject subject,
    double seconds,
    List<Stage> stages,
    double cpuSeconds,
    double serverCpuSeconds,
    double writtenBytes,
    double inputBytes,
    double peakBytes,
    double serverPeakBytes,
    double boundBytes,
    double held,
    List<NodeCost> nodes,
    Profiles profiles) {
  /** What the process that builds, or runs the load, is called beside the nodes. */
  public static final String LOAD = "load";

  /** What is not building a store where it was built. */
  private static final Set<String> AFTER_BUILDING = Set.of("ship", "load");

  private static final double MILLION = 1e6;
  private static final Pattern STAGES = Pattern.compile("\"stages\":\\[([^\\]]*)\\]");
  private static final Pattern NODES = Pattern.compile("\"nodes\":\\[([^\\]]*)\\]");
  private static final Pattern NODE = Pattern.compile("\\{\"id\":\"([^\"]*)\"([^}]*)\\}");
  private static final Pattern STAGE =
      Pattern.compile("\\{\"name\":\"([^\"]*)\",\"seconds\":([0-9.]+)([^}]*)\\}");

  public Outcome {
    stages = List.copyOf(stages);
    nodes = List.copyOf(nodes);
  }

  /** Reads what {@code featurekv bench load -o json} printed. */
  static Outcome ofLoad(DataSet data, Subject subject, String json) {
    double millions = data.entries() / MILLION;
    return new Outcome(
        data,
        subject,
        // The whole comes before the stages.
        figure(json, "seconds"),
        stages(
            json,
            List.of("clientCpuSecondsPerMillionKeys", "serverCpuSecondsPerMillionKeys"),
            millions),
        lastFigure(json, "clientCpuSecondsPerMillionKeys") * millions,
        lastFigure(json, "serverCpuSecondsPerMillionKeys") * millions,
        figure(json, "writtenBytes"),
        figure(json, "inputBytes"),
        figure(json, "clientPeakMemoryBytes"),
        figure(json, "serverPeakMemoryBytes"),
        figure(json, "memoryBytes"),
        answer(json, "clientMemoryHeld"),
        nodes(json, millions),
        Profiles.NONE);
  }

  /** Reads what {@link PeerBuild} printed. */
  static Outcome ofPeer(
      DataSet data, Subject subject, String json, long inputBytes, long peakBytes) {
    List<Stage> stages = stages(json, List.of("cpuSeconds"), 1);
    return new Outcome(
        data,
        subject,
        stages.stream().mapToDouble(Stage::seconds).sum(),
        stages,
        stages.stream().mapToDouble(Stage::cpuSeconds).sum(),
        0,
        figure(json, "writtenBytes"),
        inputBytes,
        peakBytes,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        List.of(),
        Profiles.NONE);
  }

  /** The same, with profiles. */
  Outcome with(Profiles more) {
    return new Outcome(
        data,
        subject,
        seconds,
        stages,
        cpuSeconds,
        serverCpuSeconds,
        writtenBytes,
        inputBytes,
        peakBytes,
        serverPeakBytes,
        boundBytes,
        held,
        nodes,
        more);
  }

  private static List<NodeCost> nodes(String json, double millions) {
    List<NodeCost> nodes = new ArrayList<>();
    Matcher all = NODES.matcher(json);
    Matcher each = NODE.matcher(all.find() ? all.group(1) : "");
    while (each.find()) {
      String figures = each.group(2);
      nodes.add(
          new NodeCost(
              each.group(1),
              figure(figures, "cpuSecondsPerMillionKeys") * millions,
              figure(figures, "writtenBytes"),
              figure(figures, "peakMemoryBytes"),
              figure(figures, "memoryBoundBytes"),
              answer(figures, "memoryHeld")));
    }
    return nodes;
  }

  private static List<Stage> stages(String json, List<String> cpuNames, double cpuFactor) {
    List<Stage> stages = new ArrayList<>();
    Matcher all = STAGES.matcher(json);
    Matcher each = STAGE.matcher(all.find() ? all.group(1) : "");
    while (each.find()) {
      stages.add(
          new Stage(
              each.group(1),
              Double.parseDouble(each.group(2)),
              cpuNames.stream().mapToDouble(name -> figure(each.group(3), name)).sum()
                  * cpuFactor));
    }
    return stages;
  }

  private static double figure(String json, String name) {
    Matcher figure = Pattern.compile("\"" + name + "\":(-?[0-9.]+)").matcher(json);
    return figure.find() ? Double.parseDouble(figure.group(1)) : Double.NaN;
  }

  /** 1 for yes, 0 for no. */
  private static double answer(String json, String name) {
    Matcher answer = Pattern.compile("\"" + name + "\":(true|false)").matcher(json);
    return !answer.find() ? Double.NaN : answer.group(1).equals("true") ? 1 : 0;
  }

  private static double lastFigure(String json, String name) {
    return figure(json.substring(Math.max(0, json.lastIndexOf("\"" + name + "\""))), name);
  }

  public double millionKeysPerSecond() {
    return data.entries() / MILLION / seconds;
  }

  /** Seconds until the store was built where it was built. */
  public double buildSeconds() {
    return building(Stage::seconds);
  }

  /** CPU seconds of all processes until then. */
  public double buildCpuSeconds() {
    return building(Stage::cpuSeconds);
  }

  private double building(ToDoubleFunction<Stage> figure) {
    return stages.stream()
        .filter(stage -> !AFTER_BUILDING.contains(stage.name()))
        .mapToDouble(figure)
        .sum();
  }

  /** CPU seconds of all processes for a million keys. */
  public double cpuPerMillionKeys() {
    return perMillionKeys(cpuSeconds + serverCpuSeconds);
  }

  public double perMillionKeys(double figure) {
    return figure / (data.entries() / MILLION);
  }
}
