package io.featurekv.bench.profile;

import io.featurekv.bench.report.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** What profiles say, as tables. Pure. */
public final class ProfileTables {
  private static final double PERCENT = 100;

  private ProfileTables() {}

  /**
   * Two tables for each process.
   *
   * @param load which load they are of
   */
  public static List<Table> of(String load, double millionEntries, Profiles profiles) {
    List<Table> tables = new ArrayList<>();
    for (ProcessProfile profile : profiles.processes()) {
      tables.add(parts(load, millionEntries, profile));
      tables.add(methods(load, millionEntries, profile));
    }
    return tables;
  }

  private static List<Table.Column> columns() {
    return List.of(
        new Table.Column("% of CPU", 1),
        new Table.Column("CPU s", 2),
        new Table.Column("CPU s/Mkeys", 3));
  }

  private static List<Double> figures(
      double seconds, double millionEntries, ProcessProfile profile) {
    return List.of(PERCENT * seconds / profile.wholeSeconds(), seconds, seconds / millionEntries);
  }

  private static Table parts(String load, double millionEntries, ProcessProfile profile) {
    Table table = new Table(load + ": CPU of " + profile.process() + " by part", columns());
    profile.cpuSeconds().entrySet().stream()
        .sorted(Map.Entry.<Part, Double>comparingByValue(Comparator.reverseOrder()))
        .forEach(
            entry ->
                table.add(
                    entry.getKey().title(), figures(entry.getValue(), millionEntries, profile)));
    table.add("all", figures(profile.wholeSeconds(), millionEntries, profile));
    table.note("Samples of Java's threads by CPU time, from the start of the process to its end;");
    table.note("pauses for garbage and compiler threads as the virtual machine counts them.");
    return table;
  }

  private static Table methods(String load, double millionEntries, ProcessProfile profile) {
    Table table = new Table(load + ": hottest methods of " + profile.process(), columns());
    for (ProcessProfile.HotMethod method : profile.hottest()) {
      table.add(
          method.name() + " (" + method.part().title() + ")",
          figures(method.cpuSeconds(), millionEntries, profile));
    }
    return table;
  }
}
