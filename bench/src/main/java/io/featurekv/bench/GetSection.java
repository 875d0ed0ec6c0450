package io.featurekv.bench;

import io.featurekv.bench.data.KeyMix;
import io.featurekv.bench.data.Reply;
import io.featurekv.bench.data.RequestBatch;
import io.featurekv.bench.data.Requests;
import io.featurekv.bench.engine.Checks;
import io.featurekv.bench.engine.Store;
import io.featurekv.bench.report.Table;
import java.util.ArrayList;
import java.util.List;

/** Batched gets of one mix of keys from many stores, in turns. */
final class GetSection {
  private final Lab lab;
  private final OpenSubjects opened;

  GetSection(Lab lab, OpenSubjects opened) {
    this.lab = lab;
    this.opened = opened;
  }

  /**
   * Measures.
   *
   * @param title of the table
   * @param against whose CPU time the others are held against, by name
   */
  Table run(String title, KeyMix mix, List<String> against) {
    lab.say("gets, " + mix.title());
    List<Getting> gettings = new ArrayList<>();
    try {
      List<Rounds.Contender> contenders = new ArrayList<>();
      for (int i = 0; i < opened.stores().size(); i++) {
        Getting getting =
            new Getting(
                opened.stores().get(i),
                new Requests(
                    opened.subjects().get(i).entries().count(),
                    mix,
                    lab.options().batch(),
                    lab.options().seed()),
                new Reply(lab.options().batch()));
        gettings.add(getting);
        contenders.add(new Rounds.Contender(getting.store().name(), getting));
      }
      return table(
          title,
          against,
          Rounds.run(contenders, lab.options().rounds(), lab.options().turnNanos()));
    } finally {
      gettings.forEach(Getting::close);
    }
  }

  private static Table table(String title, List<String> against, List<Rounds.Spread> spreads) {
    List<Table.Column> columns =
        new ArrayList<>(
            List.of(
                new Table.Column("CPU ns/key", 1),
                new Table.Column("median", 1),
                new Table.Column("wall", 1),
                new Table.Column("process", 1)));
    List<Rounds.Spread> peers = new ArrayList<>();
    for (Rounds.Spread spread : spreads) {
      if (against.contains(spread.name())) {
        peers.add(spread);
        columns.add(new Table.Column("x " + spread.name(), 2));
      }
    }
    Table table = new Table(title, columns);
    for (Rounds.Spread spread : spreads) {
      List<Double> figures =
          new ArrayList<>(
              List.of(
                  spread.best().threadNanos(),
                  spread.medianThreadNanos(),
                  spread.best().wallNanos(),
                  spread.best().processNanos()));
      for (Rounds.Spread peer : peers) {
        figures.add(peer.best().threadNanos() / spread.best().threadNanos());
      }
      table.add(spread.name(), figures);
    }
    return table;
  }

  /** One store's gets; counts what it finds. */
  private record Getting(Store store, Requests requests, Reply reply)
      implements Rounds.Turn, AutoCloseable {
    @Override
    public void run(Stopwatch watch, long nanos) {
      while (watch.wallNanos() < nanos) {
        List<RequestBatch> batches = requests.next();
        long expected = 0;
        long found = 0;
        long keys = 0;
        watch.start();
        for (RequestBatch batch : batches) {
          reply.reset();
          store.get(batch, reply);
          found += reply.found();
          expected += batch.present();
          keys += batch.size();
        }
        watch.stop(keys);
        if (found != expected) {
          throw new Checks.WrongAnswer(
              store.name() + ": expected " + expected + " keys, found " + found);
        }
      }
    }

    @Override
    public void close() {
      requests.close();
      reply.close();
    }
  }
}
