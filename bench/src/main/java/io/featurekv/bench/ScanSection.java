package io.featurekv.bench;

import io.featurekv.bench.data.StandardKeys;
import io.featurekv.bench.engine.Checks;
import io.featurekv.bench.engine.OrderedStore;
import io.featurekv.bench.engine.ScanReply;
import io.featurekv.bench.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Scans in key order: of everything, and of 100 entries from a random one on. */
final class ScanSection {
  private static final int RANGE_ENTRIES = 100;
  private static final int RANGES = 50;
  private static final List<Table.Column> COLUMNS =
      List.of(
          new Table.Column("all: CPU ns/entry", 1),
          new Table.Column("wall", 1),
          new Table.Column("range of 100: CPU ns/entry", 1),
          new Table.Column("median", 1),
          new Table.Column("range wall", 1));

  private final Lab lab;
  private final List<OrderedStore> stores = new ArrayList<>();
  private final List<String> names = new ArrayList<>();

  ScanSection(Lab lab, OpenSubjects opened) {
    this.lab = lab;
    for (int i = 0; i < opened.stores().size(); i++) {
      if (opened.stores().get(i) instanceof OrderedStore ordered
          && OpenSubjects.isOrdered(opened.subjects().get(i))) {
        stores.add(ordered);
        names.add(ordered.name());
      }
    }
  }

  Table run() {
    lab.say("scans");
    int entries = lab.options().entries();
    List<Rounds.Contender> all = new ArrayList<>();
    List<Rounds.Contender> ranges = new ArrayList<>();
    try (ScanReply reply = new ScanReply()) {
      for (OrderedStore store : stores) {
        all.add(new Rounds.Contender(store.name(), (watch, nanos) -> scan(store, watch, reply)));
        SplittableRandom random = new SplittableRandom(lab.options().seed());
        ranges.add(
            new Rounds.Contender(
                store.name(), (watch, nanos) -> ranges(store, watch, nanos, random, reply)));
      }
      int rounds = lab.options().rounds();
      List<Rounds.Spread> ofAll = Rounds.run(all, Math.max(1, rounds / 2), 0);
      List<Rounds.Spread> ofRanges = Rounds.run(ranges, rounds, lab.options().turnNanos());
      Table table = new Table("scans in key order, " + entries + " entries", COLUMNS);
      for (int i = 0; i < names.size(); i++) {
        table.add(
            names.get(i),
            List.of(
                ofAll.get(i).best().threadNanos(),
                ofAll.get(i).best().wallNanos(),
                ofRanges.get(i).best().threadNanos(),
                ofRanges.get(i).medianThreadNanos(),
                ofRanges.get(i).best().wallNanos()));
      }
      table.note("Keys and values copied. FeatureKV's shards are read in pages and merged here.");
      return table;
    }
  }

  private void scan(OrderedStore store, Stopwatch watch, ScanReply reply) {
    reply.reset();
    watch.start();
    long taken = store.scan(null, Long.MAX_VALUE, reply);
    watch.stop(taken);
    if (taken != lab.options().entries()) {
      throw new Checks.WrongAnswer(
          store.name()
              + ": a scan of all: expected "
              + lab.options().entries()
              + " entries, found "
              + taken);
    }
  }

  private void ranges(
      OrderedStore store, Stopwatch watch, long nanos, SplittableRandom random, ScanReply reply) {
    List<byte[]> starts = new ArrayList<>();
    while (watch.wallNanos() < nanos) {
      starts.clear();
      for (int i = 0; i < RANGES; i++) {
        starts.add(StandardKeys.key(StandardKeys.id(random.nextInt(lab.options().entries()))));
      }
      long taken = 0;
      watch.start();
      for (byte[] start : starts) {
        reply.reset();
        taken += store.scan(start, RANGE_ENTRIES, reply);
      }
      watch.stop(taken);
    }
  }
}
