package io.featurekv.bench;

import io.featurekv.bench.ingest.DataSet;
import io.featurekv.bench.ingest.NodeCost;
import io.featurekv.bench.ingest.Outcome;
import io.featurekv.bench.ingest.Subject;
import io.featurekv.bench.profile.ProfileTables;
import io.featurekv.bench.report.Stages.Stage;
import io.featurekv.bench.report.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What outcomes of loads say. Pure. */
final class LoadsTables {
  private static final double MEGABYTE = 1 << 20;

  private static final int PLAIN_VALUE_BYTES = 100;
  private static final int WIDE_VALUE_BYTES = 400;
  private static final int SMALL_VALUE_BYTES = 8;

  private LoadsTables() {}

  /** Tables of one set of entries. */
  static List<Table> ofSet(DataSet data, List<Outcome> outcomes) {
    List<Table> tables = new ArrayList<>();
    tables.add(whole(data, outcomes));
    tables.add(stages(data, outcomes));
    tables.add(processes(data, outcomes));
    if (outcomes.stream().anyMatch(outcome -> outcome.subject() instanceof Subject.Peer)) {
      tables.add(ratios(data, outcomes));
    }
    for (Outcome outcome : outcomes) {
      tables.addAll(
          ProfileTables.of(
              data.title() + " into " + outcome.subject().name(),
              data.entries() / 1e6,
              outcome.profiles()));
    }
    return tables;
  }

  private static Table whole(DataSet data, List<Outcome> outcomes) {
    Table table =
        new Table(
            data.title(),
            List.of(
                new Table.Column("seconds", 1),
                new Table.Column("Mkeys/s", 3),
                new Table.Column("CPU s/Mkeys", 3),
                new Table.Column("of it servers", 3),
                new Table.Column("build s", 1),
                new Table.Column("build Mkeys/s", 3),
                new Table.Column("build CPU s/Mkeys", 3),
                new Table.Column("written/input", 2),
                new Table.Column("peak MB", 0),
                new Table.Column("server peak MB", 0)));
    for (Outcome outcome : outcomes) {
      table.add(
          outcome.subject().name(),
          List.of(
              outcome.seconds(),
              outcome.millionKeysPerSecond(),
              outcome.cpuPerMillionKeys(),
              outcome.perMillionKeys(outcome.serverCpuSeconds()),
              outcome.buildSeconds(),
              data.entries() / 1e6 / outcome.buildSeconds(),
              outcome.perMillionKeys(outcome.buildCpuSeconds()),
              outcome.writtenBytes() / outcome.inputBytes(),
              outcome.peakBytes() / MEGABYTE,
              outcome.serverPeakBytes() / MEGABYTE));
    }
    table.note("FeatureKV: from the files to a version that is served; build: without shipping");
    table.note("and what nodes do. Others: from the files to a store that is built. CPU of all");
    table.note("processes; memory without mapped files, as far as it was seen.");
    return table;
  }

  private static Table stages(DataSet data, List<Outcome> outcomes) {
    Table table =
        new Table(
            data.title() + ", by stage",
            List.of(
                new Table.Column("seconds", 2),
                new Table.Column("Mkeys/s", 3),
                new Table.Column("CPU s/Mkeys", 3)));
    for (Outcome outcome : outcomes) {
      for (Stage stage : outcome.stages()) {
        table.add(
            outcome.subject().name() + ": " + stage.name(),
            List.of(
                stage.seconds(),
                data.entries() / 1e6 / stage.seconds(),
                outcome.perMillionKeys(stage.cpuSeconds())));
      }
    }
    table.note("CPU of all processes while the stage was the one heard of last.");
    return table;
  }

  private static Table processes(DataSet data, List<Outcome> outcomes) {
    Table table =
        new Table(
            data.title() + ", by process",
            List.of(
                new Table.Column("CPU s/Mkeys", 3),
                new Table.Column("written MB", 0),
                new Table.Column("peak MB", 0),
                new Table.Column("bound MB", 0),
                new Table.Column("held", 0)));
    for (Outcome outcome : outcomes) {
      double ofNodes = outcome.nodes().stream().mapToDouble(NodeCost::writtenBytes).sum();
      table.add(
          outcome.subject().name() + ": " + Outcome.LOAD,
          List.of(
              outcome.perMillionKeys(outcome.cpuSeconds()),
              (outcome.writtenBytes() - ofNodes) / MEGABYTE,
              outcome.peakBytes() / MEGABYTE,
              outcome.boundBytes() / MEGABYTE,
              outcome.held()));
      for (NodeCost node : outcome.nodes()) {
        table.add(
            outcome.subject().name() + ": " + node.id(),
            List.of(
                outcome.perMillionKeys(node.cpuSeconds()),
                node.writtenBytes() / MEGABYTE,
                node.peakBytes() / MEGABYTE,
                node.boundBytes() / MEGABYTE,
                node.held()));
      }
    }
    table.note("Bound: --memory of the load; of a node its heap, what its builds may take, and");
    table.note("what the tables take that it has open, when it held most. Held: 1 is within its");
    table.note("bound whenever it was looked at.");
    for (Outcome outcome : outcomes) {
      outcome
          .profiles()
          .missing()
          .forEach(missing -> table.note(outcome.subject().name() + ": " + missing));
    }
    return table;
  }

  private static Table ratios(DataSet data, List<Outcome> outcomes) {
    List<Outcome> own = outcomes.stream().filter(LoadsTables::isOneSect).toList();
    List<Table.Column> columns = new ArrayList<>();
    for (Outcome reference : own) {
      String name = reference.subject().name();
      columns.add(new Table.Column("build time x " + name, 2));
      columns.add(new Table.Column("build CPU x " + name, 2));
      columns.add(new Table.Column("time x served " + name, 2));
      columns.add(new Table.Column("CPU x served " + name, 2));
    }
    Table table = new Table(data.title() + ", beside others", columns);
    for (Outcome peer : outcomes) {
      if (peer.subject() instanceof Subject.Peer) {
        List<Double> figures = new ArrayList<>();
        for (Outcome reference : own) {
          figures.add(peer.buildSeconds() / reference.buildSeconds());
          figures.add(peer.buildCpuSeconds() / reference.buildCpuSeconds());
          figures.add(peer.seconds() / reference.seconds());
          figures.add(peer.cpuPerMillionKeys() / reference.cpuPerMillionKeys());
        }
        table.add(peer.subject().name(), figures);
      }
    }
    table.note("How many times as much as FeatureKV: above 1, FeatureKV is cheaper. Served");
    table.note("includes shipping, a second copy on the node, its proof and its opening.");
    return table;
  }

  private static boolean isOneSect(Outcome outcome) {
    return outcome.subject() instanceof Subject.Own own && own.sects() == 1;
  }

  /** Tables over all sets, those that have rows. */
  static List<Table> all(List<Outcome> outcomes) {
    List<Table> tables =
        new ArrayList<>(List.of(growth(outcomes), sects(outcomes), builders(outcomes)));
    tables.add(LoadsTargets.table(outcomes));
    tables.removeIf(table -> table.rows().isEmpty());
    return tables;
  }

  private static Table growth(List<Outcome> outcomes) {
    Table table =
        new Table(
            "how it grows",
            List.of(
                new Table.Column("Mkeys/s", 3),
                new Table.Column("of the smaller set's", 3),
                new Table.Column("of 16+100's", 3),
                new Table.Column("MB/s", 1),
                new Table.Column("CPU s/Mkeys", 3),
                new Table.Column("written/input", 2),
                new Table.Column("peak MB", 0)));
    for (Outcome outcome : sorted(outcomes)) {
      table.add(
          outcome.subject().name() + ", " + outcome.data().title(),
          List.of(
              outcome.millionKeysPerSecond(),
              smaller(outcome, outcomes)
                  .map(other -> outcome.millionKeysPerSecond() / other.millionKeysPerSecond())
                  .orElse(Double.NaN),
              plain(outcome, outcomes)
                  .map(other -> outcome.millionKeysPerSecond() / other.millionKeysPerSecond())
                  .orElse(Double.NaN),
              outcome.data().entryBytes() / MEGABYTE / outcome.seconds(),
              outcome.cpuPerMillionKeys(),
              outcome.writtenBytes() / outcome.inputBytes(),
              outcome.peakBytes() / MEGABYTE));
    }
    table.note(
        "Rate of the next smaller set of the same format and value length, and of that with");
    table.note("values of 100 bytes whose keys and values are nearest in bytes. MB of both.");
    return table;
  }

  private static List<Outcome> sorted(List<Outcome> outcomes) {
    return outcomes.stream()
        .filter(LoadsTables::isOneSect)
        .sorted(
            Comparator.<Outcome, String>comparing(outcome -> outcome.subject().name())
                .thenComparing(outcome -> outcome.data().format(), Comparator.reverseOrder())
                .thenComparing(outcome -> outcome.data().valueBytes(), Comparator.reverseOrder())
                .thenComparingInt(outcome -> outcome.data().entries()))
        .toList();
  }

  /** The outcome of the next smaller set that differs in nothing else. */
  static Optional<Outcome> smaller(Outcome outcome, List<Outcome> outcomes) {
    return outcomes.stream()
        .filter(
            other ->
                other.subject().equals(outcome.subject())
                    && other.data().format().equals(outcome.data().format())
                    && other.data().valueBytes() == outcome.data().valueBytes()
                    && other.data().entries() < outcome.data().entries())
        .max(Comparator.comparingInt(other -> other.data().entries()));
  }

  /** Of a set with other values: the outcome with those of 100 bytes that is nearest in size. */
  static Optional<Outcome> plain(Outcome outcome, List<Outcome> outcomes) {
    return outcomes.stream()
        .filter(
            other ->
                other.subject().equals(outcome.subject())
                    && other.data().format().equals(outcome.data().format())
                    && other.data().valueBytes() == PLAIN_VALUE_BYTES
                    && outcome.data().valueBytes() != PLAIN_VALUE_BYTES)
        .min(
            Comparator.comparingLong(
                other -> Math.abs(other.data().entryBytes() - outcome.data().entryBytes())));
  }

  private static Table sects(List<Outcome> outcomes) {
    Table table =
        new Table(
            "one sect and three",
            List.of(
                new Table.Column("seconds, 1", 1),
                new Table.Column("seconds, 3", 1),
                new Table.Column("CPU s/Mkeys, 1", 3),
                new Table.Column("CPU s/Mkeys, 3", 3),
                new Table.Column("servers, 1", 3),
                new Table.Column("servers, 3", 3),
                new Table.Column("further replica", 3)));
    for (Outcome several : outcomes) {
      oneSect(several, outcomes)
          .ifPresent(
              one ->
                  table.add(
                      several.subject().name() + ", " + several.data().title(),
                      List.of(
                          one.seconds(),
                          several.seconds(),
                          one.cpuPerMillionKeys(),
                          several.cpuPerMillionKeys(),
                          one.perMillionKeys(one.serverCpuSeconds()),
                          several.perMillionKeys(several.serverCpuSeconds()),
                          furtherReplica(one, several))));
    }
    table.note("Further replica: what each sect after the first takes of all processes, the");
    table.note("builder's shipping included, in CPU seconds for a million keys.");
    return table;
  }

  private static Table builders(List<Outcome> outcomes) {
    Table table =
        new Table(
            "one builder, two and three",
            List.of(
                new Table.Column("seconds", 1),
                new Table.Column("Mkeys/s", 3),
                new Table.Column("times the rate of one", 2),
                new Table.Column("build s", 1),
                new Table.Column("times the build rate of one", 2),
                new Table.Column("CPU s/Mkeys", 3)));
    for (Outcome outcome : outcomes) {
      if (outcome.subject() instanceof Subject.Held held) {
        Subject alone = new Subject.Held(held.kind(), 1, held.share());
        Optional<Outcome> one =
            outcomes.stream()
                .filter(
                    other -> other.subject().equals(alone) && other.data().equals(outcome.data()))
                .findFirst();
        table.add(
            outcome.subject().name() + ", " + outcome.data().title(),
            List.of(
                outcome.seconds(),
                outcome.millionKeysPerSecond(),
                one.map(o -> o.seconds() / outcome.seconds()).orElse(Double.NaN),
                outcome.buildSeconds(),
                one.map(o -> o.buildSeconds() / outcome.buildSeconds()).orElse(Double.NaN),
                outcome.cpuPerMillionKeys()));
      }
    }
    table.note("Each builder is held to a share of one core, after it has loaded the set once;");
    table.note("another node serves. CPU of all processes.");
    return table;
  }

  /** The outcome of the same load into one sect, of one into several. */
  static Optional<Outcome> oneSect(Outcome several, List<Outcome> outcomes) {
    if (!(several.subject() instanceof Subject.Own own) || own.sects() == 1) {
      return Optional.empty();
    }
    return outcomes.stream()
        .filter(
            one ->
                one.data().equals(several.data())
                    && one.subject().equals(new Subject.Own(own.kind(), 1, own.onCluster())))
        .findFirst();
  }

  /** CPU seconds for a million keys that each sect after the first takes. */
  static double furtherReplica(Outcome one, Outcome several) {
    int further = ((Subject.Own) several.subject()).sects() - 1;
    return (several.cpuPerMillionKeys() - one.cpuPerMillionKeys()) / further;
  }

  static boolean isPlain(Outcome outcome) {
    return isParquet(outcome, PLAIN_VALUE_BYTES);
  }

  static boolean isWide(Outcome outcome) {
    return isParquet(outcome, WIDE_VALUE_BYTES);
  }

  static boolean isSmall(Outcome outcome) {
    return isParquet(outcome, SMALL_VALUE_BYTES);
  }

  private static boolean isParquet(Outcome outcome, int valueBytes) {
    return isOneSect(outcome)
        && outcome.data().format().equals("parquet")
        && outcome.data().valueBytes() == valueBytes;
  }
}
