package io.featurekv.bench;

import io.featurekv.bench.data.KeyMix;
import io.featurekv.bench.report.Table;
import io.featurekv.bench.server.Server;
import io.featurekv.bench.traffic.ClosedLoop;
import io.featurekv.bench.traffic.EntryDraws;
import io.featurekv.bench.traffic.Link;
import io.featurekv.bench.traffic.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Requests of one form to many servers in turns, always the same number of them open. */
final class ClosedSection {
  private static final long TRIAL_NANOS = 700_000_000L;
  private static final int TRIALS = 3;
  private static final int VALUE_BYTES = 100;
  private static final int SLOTS = 1024;

  private final ServerLab lab;
  private final Form form;

  /**
   * What is asked.
   *
   * @param batch keys of a request
   * @param depth open requests of each connection
   */
  record Form(String title, KeyMix mix, int batch, int connections, int depth) {}

  /** What one turn of a server found; CPU in seconds for a million keys. */
  record Turn(double serverCpu, double clientCpu, double keysPerSecond, double p50, double p99) {}

  ClosedSection(ServerLab lab, Form form) {
    this.lab = lab;
    this.form = form;
  }

  Table run() throws IOException {
    lab.say(form.title());
    List<Asking> askings = new ArrayList<>();
    try {
      for (Server server : lab.servers()) {
        askings.add(bestOf(server));
      }
      for (Asking asking : askings) {
        asking.turn(lab.options().warmupNanos());
      }
      List<List<Turn>> turns = new ArrayList<>();
      askings.forEach(asking -> turns.add(new ArrayList<>()));
      for (int round = 0; round < lab.options().rounds(); round++) {
        for (int i = 0; i < askings.size(); i++) {
          int place = (round + i) % askings.size();
          turns.get(place).add(askings.get(place).turn(lab.options().turnNanos()));
        }
      }
      return table(askings, turns);
    } finally {
      for (Asking asking : askings) {
        asking.close();
      }
    }
  }

  /** The dialect that costs the server least. */
  private Asking bestOf(Server server) throws IOException {
    List<Asking> candidates = new ArrayList<>();
    for (Server.Dialect dialect : server.dialects(form.batch())) {
      candidates.add(open(server, dialect));
    }
    Asking best = candidates.getFirst();
    double least = Double.MAX_VALUE;
    for (Asking candidate : candidates.size() > 1 ? candidates : List.<Asking>of()) {
      List<Turn> trials = new ArrayList<>();
      for (int trial = 0; trial < TRIALS; trial++) {
        trials.add(candidate.turn(TRIAL_NANOS));
      }
      double cost = Figures.lowest(trials, Turn::serverCpu);
      lab.say(String.format("%s: %.3f s of server CPU for a million keys", candidate.name(), cost));
      if (cost < least) {
        least = cost;
        best = candidate;
      }
    }
    for (Asking candidate : candidates) {
      if (!candidate.name().equals(best.name())) {
        candidate.close();
      }
    }
    return best;
  }

  private Asking open(Server server, Server.Dialect dialect) throws IOException {
    List<Link> links = new ArrayList<>();
    for (int i = 0; i < form.connections(); i++) {
      links.add(
          Link.connect(
              server.endpoint(), dialect.maker().wire(), form.batch(), VALUE_BYTES, SLOTS));
    }
    List<EntryDraws> draws = new ArrayList<>();
    for (int i = 0; i < lab.options().threads(); i++) {
      draws.add(new EntryDraws(form.mix(), lab.options().entries(), lab.options().seed() + i));
    }
    String name = server.name() + (dialect.name().isEmpty() ? "" : " (" + dialect.name() + ")");
    return new Asking(name, server, links, new ClosedLoop(links, draws, form.depth()));
  }

  private Table table(List<Asking> askings, List<List<Turn>> turns) {
    List<Table.Column> columns =
        new ArrayList<>(
            List.of(
                new Table.Column("server CPU s/Mkeys", 4),
                new Table.Column("median", 4),
                new Table.Column("client CPU s/Mkeys", 4),
                new Table.Column("Mkeys/s", 3),
                new Table.Column("p50 us", 0),
                new Table.Column("p99 us", 0)));
    List<Double> peers = new ArrayList<>();
    for (int i = 0; i < askings.size(); i++) {
      if (ReadsOptions.PEERS.contains(askings.get(i).server().name())) {
        columns.add(new Table.Column("x " + askings.get(i).server().name(), 2));
        peers.add(Figures.lowest(turns.get(i), Turn::serverCpu));
      }
    }
    Table table = new Table(form.title(), columns);
    for (int i = 0; i < askings.size(); i++) {
      List<Turn> own = turns.get(i);
      double best = Figures.lowest(own, Turn::serverCpu);
      List<Double> figures =
          new ArrayList<>(
              List.of(
                  best,
                  Figures.median(own, Turn::serverCpu),
                  Figures.median(own, Turn::clientCpu),
                  Figures.median(own, Turn::keysPerSecond) / 1e6,
                  Figures.median(own, Turn::p50),
                  Figures.median(own, Turn::p99)));
      peers.forEach(peer -> figures.add(peer / best));
      table.add(askings.get(i).name(), figures);
    }
    table.note(
        "Server CPU of the best round and of the middle one, all threads; the others are of");
    table.note("the middle round. x: how many times as much CPU the peer's server takes.");
    return table;
  }

  /** One server's connections and its loop. */
  private record Asking(String name, Server server, List<Link> links, ClosedLoop loop) {
    Turn turn(long nanos) throws IOException {
      double before = server.cpuSeconds();
      Outcome outcome = loop.run(nanos);
      double serverSeconds = server.cpuSeconds() - before;
      double millions = outcome.tally().keys() / 1e6;
      return new Turn(
          serverSeconds / millions,
          outcome.cpuNanos() / 1e9 / millions,
          outcome.keysPerSecond(),
          outcome.latency().getValueAtPercentile(50) / 1e3,
          outcome.latency().getValueAtPercentile(99) / 1e3);
    }

    void close() throws IOException {
      for (Link link : links) {
        link.close();
      }
    }
  }
}
